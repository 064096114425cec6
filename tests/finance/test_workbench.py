"""The workbench (V13): suggestions and why, the line below, exact pairs, cases, codes, 核平."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finance import errors, rules
from finance.models import Break, JournalEntry
from finance.selectors import matching, settlement
from finance.selectors.standing import standing
from finance.services import breaks, reconciliation
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.tables import services as imports
from tests.engines.http.conftest import enter  # noqa: F401 a fixture
from tests.engines.identity.factories import account
from tests.finance.factories import BOOKKEEPER, NOON, open_month, trade_channel
from tests.finance.statements import Statement
from tests.finance.test_reconciliation import DAY, HEAD, LATER, clerk, pay, refund

pytestmark = pytest.mark.django_db
URL = "/finance/matching/"


@pytest.fixture(name="statement")
def fixture_statement(tmp_path: Path) -> int:
    """Reconcile a statement with what our books say; return the channel."""
    channel = trade_channel()
    open_month()
    open_month(timezone.localdate())
    records = tmp_path / "records.csv"
    lines = (
        pay("SO-OK", "5.00"), pay("SO-A", "70.00"), pay("SO-B", "12.00"), pay("SO-C", "30.00"),
        pay("SO-D", "40.00"), refund("RF-1", "8.00"), pay("SO-E", "100.00"),
    )  # fmt: skip
    records.write_text(HEAD + "\n".join(lines) + "\n")
    made = (
        Statement()
        .add("SO-OK", "5.00")
        .add("ODD-1", "70.00")
        .add("ODD-2", "12.01")
        .add("ODD-3", "70.50")
        .add("ODD-4", "-8.00", "交易退款")
        .add("SO-E", "97.00")
        .add("ODD-6", "1.00")
    )
    for profile, path in (
        ("payment_records", records),
        ("alipay_merchant", made.write(tmp_path)),
    ):
        imports.import_file(
            profile=profile, path=path, name=path.name, actor=Actor.importer("tests"), at=NOON,
            options={"channel": "tmall"},
        )  # fmt: skip
    reconciliation.run(channel_id=channel, first=DAY, last=DAY, actor=BOOKKEEPER, at=NOON)
    return channel


@pytest.fixture(name="desk")
def fixture_desk(statement: int, enter: Callable[..., Client]) -> Client:  # noqa: F811
    """Return a finance officer's browser."""
    client = enter(account("officer", Role.FINANCE_OFFICER))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    return client


def of(order: str) -> Break:
    return Break.objects.get(order_no=order)


def state_of(order: str) -> tuple[str, str]:
    found = of(order)
    return found.state, found.resolution


def bypass(code: str, orders: tuple[str, ...]) -> None:
    """End breaks past the service, and commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        Break.objects.filter(order_no__in=orders).update(
            state="resolved", resolution=code, resolution_no="BR-202611-9999", reason="x",
            resolved_at=LATER,
        )  # fmt: skip
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def written(context: CaptureQueriesContext) -> list[str]:
    """Return the statements that are not transaction control."""
    marks = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
    return [one["sql"] for one in context.captured_queries if not one["sql"].startswith(marks)]


def test_a_suggestion_says_why_and_what_is_equal_comes_first(statement: int) -> None:
    waiting = matching.waiting(actor=BOOKKEEPER, channel_id=statement)
    lines = list(matching.statement_side(waiting))

    found = matching.suggestions(lines, rows=waiting)

    (best,) = found[of("ODD-1").pk]
    assert (best.item, best.rest, best.score) == (of("SO-A"), Decimal(0), 45)
    assert len(best.reasons) == 2
    assert found[of("ODD-2").pk] == []
    assert [one.item.refund_no for one in found[of("ODD-4").pk]] == ["RF-RF-1"]
    assert of("SO-E").pk not in found


def test_a_taken_suggestion_leads_to_the_line_below_and_is_undone(desk: Client) -> None:
    line, following, ours = of("ODD-1"), of("ODD-2"), of("SO-A")
    form = {"channel": trade_channel(), "line": line.pk, "q": "ODD"}

    answer = desk.post(URL, form | {"take": ours.pk})

    assert state_of("ODD-1") == state_of("SO-A") == ("resolved", "matched")
    page = desk.get(answer["Location"])
    assert page.context["current"] == following
    assert page.context["typed"] == "ODD", "filters stay"
    number = of("ODD-1").resolution_no
    assert page.context["last_number"] == number

    back = desk.post(URL, form | {"undo": number})
    assert state_of("ODD-1") == state_of("SO-A") == ("open", "")
    assert JournalEntry.objects.filter(source_id=number).count() == 2, "reversed, not erased"
    assert desk.get(back["Location"]).context["current"] == line


def test_after_the_last_line_the_one_above_is_current(desk: Client) -> None:
    last = of("ODD-6")

    answer = desk.post(
        URL, {"channel": trade_channel(), "line": last.pk, "sel": [last.pk], "code": "transit",
              "reason": "下月到账"},
    )  # fmt: skip

    assert state_of("ODD-6") == ("resolved", "transit")
    assert desk.get(answer["Location"]).context["current"] == of("SO-E")


def test_many_lines_are_matched_with_many(statement: int) -> None:
    ids = [of("ODD-3").pk, of("SO-C").pk, of("SO-D").pk]

    with pytest.raises(errors.NeedsCode):
        breaks.resolve(break_ids=ids, code="matched", reason="", actor=clerk(), at=LATER)
    assert {state_of(one)[0] for one in ("ODD-3", "SO-C", "SO-D")} == {"open"}
    breaks.resolve(break_ids=ids, code="subsidy", reason="平台补贴", actor=clerk(), at=LATER)

    assert {state_of(one) for one in ("ODD-3", "SO-C", "SO-D")} == {("resolved", "subsidy")}


def test_a_fen_of_rounding_needs_no_code_and_is_booked(statement: int) -> None:
    ids = [of("ODD-2").pk, of("SO-B").pk]

    breaks.resolve(break_ids=ids, code="matched", reason="", actor=clerk(), at=LATER)

    entry = of("ODD-2").entry
    assert entry is not None
    assert dict(entry.lines.values_list("account_id", "credit"))["6603"] == rules.MATCH_TOLERANCE


@pytest.mark.parametrize(
    ("code", "orders", "claim"),
    [
        ("matched", ("ODD-1", "SO-B"), "break_match_differs"),
        ("matched", ("SO-E",), "break_match_differs"),
        ("matched", ("SO-C",), "break_match_differs"),
        ("explained", ("ODD-1",), "break_money_unbooked"),
    ],
)
def test_the_database_refuses_a_difference_without_its_code(
    statement: int, code: str, orders: tuple[str, ...], claim: str
) -> None:
    with pytest.raises(IntegrityError, match=claim):
        bypass(code, orders)

    assert {state_of(order)[0] for order in orders} == {"open"}


def test_the_database_accepts_what_agrees(statement: int) -> None:
    bypass("matched", ("ODD-1", "SO-A"))

    assert state_of("ODD-1") == ("resolved", "matched")


def test_exact_pairs_are_shown_first_and_matched_with_a_number_each(desk: Client) -> None:
    preview = desk.get(f"{URL}?part=exact&channel={trade_channel()}")
    pairs = [(line.id, item.id) for line, item, _why in preview.context["pairs"]]
    assert pairs == [(of("ODD-1").pk, of("SO-A").pk), (of("ODD-4").pk, of("RF-1").pk)]

    desk.post(
        URL,
        {"channel": trade_channel(), "accept": "1", "pair": [f"{a}:{b}" for a, b in pairs]},
    )

    numbers = {of(order).resolution_no for order in ("ODD-1", "SO-A", "ODD-4", "RF-1")}
    assert len(numbers) == 2
    breaks.undo(resolution_no=of("ODD-1").resolution_no, actor=clerk(), at=timezone.now())
    assert state_of("SO-A") == ("open", "")
    assert state_of("ODD-4") == ("resolved", "matched")


def test_pairs_are_matched_all_or_none(statement: int) -> None:
    good, bad = (of("ODD-1").pk, of("SO-A").pk), (of("ODD-3").pk, of("SO-C").pk)

    with pytest.raises(errors.NeedsCode):
        breaks.match_pairs(pairs=[good, bad], actor=clerk(), at=LATER)
    with pytest.raises(errors.NeedsCode):
        breaks.match_pairs(pairs=[good, good], actor=clerk(), at=LATER)

    assert not Break.objects.filter(state="resolved").exists()
    assert JournalEntry.objects.exclude(source_type="finance.reconciliation").count() == 0


def test_equal_sums_with_two_choices_are_not_exact(statement: int) -> None:
    Break.objects.filter(order_no="SO-D").update(our_amount=Decimal("70.00"))
    waiting = matching.waiting(actor=BOOKKEEPER, channel_id=statement)

    found = matching.suggestions(list(matching.statement_side(waiting)), rows=waiting)

    assert len(found[of("ODD-1").pk]) == 2
    assert of("ODD-1").pk not in [line for line, _one in matching.exact_pairs(found)]


def test_a_case_gives_the_line_an_owner_and_goes_on_below(desk: Client) -> None:
    boss = account("boss", Role.FINANCE_MANAGER)
    line = of("ODD-1")

    answer = desk.post(URL, {"channel": trade_channel(), "line": line.pk, "owner": boss.person_id})

    line.refresh_from_db()
    assert line.owner_person_id == boss.person_id
    assert line.due_on is not None
    page = desk.get(answer["Location"])
    assert page.context["current"] == of("ODD-2")
    assert "责任人 boss" in page.content.decode()


def test_reconciled_is_said_only_when_the_balance_agrees(statement: int) -> None:
    def now() -> tuple[bool, Decimal]:
        rows = settlement.breaks(actor=BOOKKEEPER).filter(channel_id=statement, state="open")
        found = standing(channel_id=statement, rows=rows, actor=BOOKKEEPER)
        return found.is_reconciled, found.rest

    for orders, code in (
        (("ODD-1", "SO-A"), "matched"),
        (("ODD-2", "SO-B"), "matched"),
        (("ODD-3", "SO-C", "SO-D"), "subsidy"),
        (("ODD-4", "RF-1"), "matched"),
        (("SO-E",), "fee"),
    ):
        ids = [of(order).pk for order in orders]
        breaks.resolve(break_ids=ids, code=code, reason="x", actor=clerk(), at=LATER)
        assert now()[0] is False
    breaks.resolve(break_ids=[of("ODD-6").pk], code="transit", reason="x", actor=clerk(), at=LATER)
    assert now() == (True, Decimal(0))

    # A voucher that no longer belongs to its break leaves the balance short, and it is seen.
    Break.objects.filter(order_no="ODD-6").update(entry=None)
    assert now() == (False, Decimal("1.00"))


def test_a_match_takes_at_most_five_statements(statement: int) -> None:
    ids = [of("ODD-1").pk, of("SO-A").pk]

    with CaptureQueriesContext(connection) as context:
        breaks.resolve(break_ids=ids, code="matched", reason="", actor=clerk(), at=LATER)

    assert len(written(context)) <= 5, "\n".join(written(context))


def test_any_number_of_pairs_takes_six_statements(statement: int) -> None:
    pairs = [(of("ODD-1").pk, of("SO-A").pk), (of("ODD-4").pk, of("RF-1").pk)]

    for some in (pairs[:1], pairs):
        with CaptureQueriesContext(connection) as context, transaction.atomic():
            breaks.match_pairs(pairs=some, actor=clerk(), at=LATER)
            transaction.set_rollback(True)
        assert len(written(context)) <= 6, "\n".join(written(context))


def test_the_page_asks_a_fixed_number_of_questions(desk: Client) -> None:
    channel = trade_channel()
    desk.get(URL, {"channel": channel})

    with CaptureQueriesContext(connection) as many:
        desk.get(URL, {"channel": channel})
    with CaptureQueriesContext(connection) as few:
        desk.get(f"{URL}?channel={channel}&q=ODD-2")

    of_finance = [sql for sql in written(many) if "finance_" in sql]
    assert len(of_finance) <= 6, "\n".join(of_finance)
    assert len(written(few)) <= len(written(many)), "\n".join(written(many))
