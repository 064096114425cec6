"""Many prices at once: by rule, by file, and bound by their digest (CAT-4.2-01, ADR 22)."""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import prices as errors
from catalog.models import PriceChange, PriceChangeLine, PriceRange, Product, Sku
from catalog.rules import endings
from catalog.selectors import prices
from catalog.services import opening, price_rules, pricing
from catalog.types.prices import OpeningPrice, PriceChangeInfo
from ops.engines.approvals.models import Request
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import BadInput, Forbidden
from ops.engines.tables.models import ImportBatch
from ops.engines.tables.services import import_file
from ops.engines.tables.storage import full_path
from ops.engines.tables.types import BatchInfo
from tests.catalog.shop import IMPORTER, LONG_AGO, START, Shop, actor
from tests.catalog.test_constraints import put, run
from tests.engines.approvals.toys import refused_by
from tests.engines.identity.factories import AT, SYSTEM, account

MANY = pricing.MOST_INLINE + 1
HEAD = "sku,price,rival_price,struck_price,tier,starts_at,ends_at\n"


def stock_up(shop: Shop, count: int, *, price: Decimal | None = None) -> list[int]:
    """Add SKUs to the shop's category, each with a price of its own."""
    product = Product.objects.get(skus=shop.sku_ids[0])
    made = Sku.objects.bulk_create(
        Sku(code=f"N-{n}", code_key=f"n-{n}", product=product, name=f"n{n}") for n in range(count)
    )
    ids = [sku.pk for sku in made]
    opening.open_prices(
        channel_id=shop.channel_id,
        prices=[
            OpeningPrice(sku_id=pk, price=price or Decimal(1000 + n) / 10, since=LONG_AGO)
            for n, pk in enumerate(ids)
        ],
        source="more",
        actor=IMPORTER,
        at=AT,
    )
    return ids


def by_rule(shop: Shop, percent: str = "-5", ending: str = "") -> PriceChangeInfo:
    return price_rules.draft_by_rule(
        channel_id=shop.channel_id,
        category_id=None,
        percent=Decimal(percent),
        ending=ending,
        reason="Winter",
        rival_note="none found",
        starts_at=START,
        actor=actor(shop.specialist),
        at=AT,
    )


def load(shop: Shop, folder: Path, text: str, **options: object) -> BatchInfo:
    path = folder / "prices.csv"
    path.write_text(text)
    return import_file(
        profile="price_change",
        path=path,
        name="prices.csv",
        actor=actor(shop.specialist),
        at=AT,
        options={"channel": "tmall", "rival_note": "none", "starts_at": START.isoformat()}
        | options,
    )


def test_a_rule_moves_every_price_of_a_category(shop: Shop) -> None:
    change = by_rule(shop, "-5", ".99")

    assert change.lines == 2
    lines = PriceChangeLine.objects.filter(change_id=change.id)
    assert set(lines.values_list("new_price", flat=True)) == {Decimal("188.99")}
    assert Request.objects.filter(kind="ordinary").count() == 0


@given(
    old=st.decimals("0.01", "99999.99", places=2),
    percent=st.decimals("-99.99", "200", places=2),
    ending=st.sampled_from(["", *endings.ENDINGS]),
)
def test_a_ruled_price_has_its_ending_and_is_the_nearest(
    old: Decimal, percent: Decimal, ending: str
) -> None:
    moved = endings.priced(old, percent=percent)
    new = endings.priced(old, percent=percent, ending=ending)

    if ending:
        step, lowest = endings.ENDINGS[ending]
        assert (new - lowest) % step == 0
        assert new >= lowest
        assert new == lowest or -step / 2 < moved - new <= step / 2
    else:
        assert new == moved


@pytest.mark.parametrize("ending", ["", *endings.ENDINGS])
def test_the_database_prices_by_the_written_rule(shop: Shop, ending: str) -> None:
    stock_up(shop, 400)

    for percent in ("-7.35", "12.5"):
        change = by_rule(shop, percent, ending)
        found = PriceChangeLine.objects.filter(change_id=change.id).values_list(
            "sku_id", "new_price"
        )
        now = prices.price_at(
            sku_ids=[sku for sku, _new in found], channel_id=shop.channel_id, at=AT
        )
        for sku, new in found:
            assert new == endings.priced(now[sku], percent=Decimal(percent), ending=ending)


@pytest.mark.parametrize(
    ("percent", "ending"),
    [("-100", ""), ("1001", ""), ("NaN", ""), ("1.234", ""), ("1E+20", ""), ("-5", ".98")],
)
def test_a_rule_that_makes_no_sense_drafts_nothing(shop: Shop, percent: str, ending: str) -> None:
    with pytest.raises(BadInput):
        by_rule(shop, percent, ending)
    assert not PriceChange.objects.exists()


def test_a_rule_that_changes_nothing_is_refused(shop: Shop) -> None:
    with pytest.raises(errors.RuleMatchesNothing):
        by_rule(shop, "0")
    assert not PriceChange.objects.exists()


def test_a_rule_costs_the_same_statements_for_one_sku_and_a_thousand(shop: Shop) -> None:
    with CaptureQueriesContext(connection) as few:
        by_rule(shop)
    stock_up(shop, 1000)
    with CaptureQueriesContext(connection) as many:
        by_rule(shop)

    assert len(many) == len(few)


def long_change(shop: Shop) -> PriceChangeInfo:
    stock_up(shop, MANY)
    return shop.submit(by_rule(shop))


@pytest.mark.clause("CAT-4.2-01")
def test_a_long_request_carries_the_digest_of_its_lines(shop: Shop) -> None:
    change = long_change(shop)

    content = Request.objects.latest("pk").content
    rows = PriceChangeLine.objects.filter(change_id=change.id).order_by("sku_id")
    text = "\n".join(
        "|".join(
            "-" if value is None else str(value)
            for value in (
                row.sku_id,
                row.new_price,
                row.old_price,
                row.floor_price,
                row.rival_price,
                row.struck_price,
                row.reference_id,
            )
        )
        for row in rows
    )
    assert "lines" not in content
    assert content["count"] == MANY + 2 == len(rows)
    assert content["lines_sha256"] == hashlib.sha256(text.encode()).hexdigest()
    shop.approve(change)
    report = pricing.activate_due(actor=SYSTEM, at=START)
    assert report.prices == MANY + 2
    assert PriceRange.objects.filter(change_id=change.id, kind="change").count() == MANY + 2


@pytest.mark.clause("CAT-4.2-01")
def test_lines_that_are_not_those_of_the_digest_become_no_price(shop: Shop) -> None:
    """The lines of a handed-in change are fixed; were they not, the digest would still bind."""
    change = long_change(shop)
    line = PriceChangeLine.objects.filter(change_id=change.id).first()
    assert line is not None

    with refused_by("pricechangeline_fixed_once_submitted"):
        PriceChangeLine.objects.filter(pk=line.pk).update(new_price=1)
    shop.approve(change)
    row = PriceChange.objects.get(pk=change.id)
    run(
        "UPDATE catalog_pricerange SET cut_by_id = %s, valid = tstzrange(lower(valid), %s)"
        " WHERE sku_id = %s",
        row.pk,
        START,
        line.sku_id,
    )
    cited = {"approval_id": row.approval_id, "change_id": row.pk, "sku_id": line.sku_id}
    lasting = f"[{START.isoformat()},)"
    with refused_by("catalog_pricerange_needs_price_change_lines"):
        put(shop, **cited, price="1.00", valid=lasting)
    put(shop, **cited, price=str(line.new_price), valid=lasting)


@pytest.mark.clause("CAT-4.2-01")
def test_a_forged_digest_is_computed_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a service to hand in another digest than that of the lines, nothing takes effect."""
    monkeypatch.setattr(pricing, "_digest", lambda _change: "0" * 64)
    change = long_change(shop)

    with refused_by("pricechange_as_approved"):
        shop.approve(change)

    assert shop.state(change) == "submitted"
    assert not PriceRange.objects.filter(change_id=change.id).exists()


def test_a_file_becomes_one_draft(shop: Shop, tmp_path: Path) -> None:
    batch = load(
        shop, tmp_path, HEAD + "A-1001-S,189.00,186,,,,\nA-1001-M,179.5,,,,,\n", reason="Winter"
    )

    assert (batch.accepted, batch.rejected) == (2, 0)
    change = PriceChange.objects.get()
    assert (change.reason, change.starts_at) == ("Winter", START)
    assert dict(batch.control_totals)["drafts"] == [change.number]
    assert set(change.lines.values_list("new_price", flat=True)) == {
        Decimal("189.00"),
        Decimal("179.50"),
    }


BAD = (
    "A-1001-S,189.00,,,,,\n"
    "a-1001-s,189.00,,,,,\n"
    "Ａ-1001-S,189.00,,,,,\n"
    "NONE,189.00,,,,,\n"
    "A-1001-M,100000000000000000000,,,,,\n"
    "A-1001-M,NaN,,,,,\n"
    "A-1001-M,1.005,,,,,\n"
    "A-1001-M,0,,,,,\n"
    "A-1001-M,-5.00,,,,,\n"
    "A-1001-M,189.00,,188.00,,,\n"
    "A-1001-M,189.00,,,,2026-12-09T00:00,2026-12-08T00:00\n"
    "A-1001-M,189.00,,,Gold,,\n"
    "A-1001-S,188.00,,,,2099-12-09T00:00,\n"
)
NAMED = {
    "sku: catalog.code_differs": 2,
    "sku: catalog.sku_unknown": 1,
    "struck: catalog.struck_above_price": 1,
    "ends_at: catalog.window_wrong": 1,
    "tier: catalog.tier_unreadable": 1,
    "sku: catalog.window_overlaps": 1,
}


def test_one_bad_row_changes_nothing_and_the_rejects_say_why(shop: Shop, tmp_path: Path) -> None:
    batch = load(shop, tmp_path, HEAD + BAD)

    assert batch.state == "refused"
    assert not PriceChange.objects.exists()
    row = ImportBatch.objects.get()
    for reason, count in NAMED.items():
        assert row.reasons[reason] == count, reason
    assert sum(count for reason, count in row.reasons.items() if reason.startswith("price")) == 5
    rejects = full_path(row.rejects_file).read_text("utf-8-sig")
    assert "A-1001-S" in rejects
    assert len(rejects.strip().splitlines()) == 13  # the head and twelve bad rows


def test_the_good_rows_load_when_that_was_chosen(shop: Shop, tmp_path: Path) -> None:
    load(shop, tmp_path, HEAD + BAD)

    batch = load(shop, tmp_path, HEAD + BAD, good_rows_only=True)

    assert (batch.accepted, batch.rejected) == (1, 12)
    change = PriceChange.objects.get()
    assert list(change.lines.values_list("sku__code", "new_price")) == [
        ("A-1001-S", Decimal("189.00"))
    ]


def test_a_price_under_the_floor_is_counted_and_calls_the_director(
    shop: Shop, tmp_path: Path, cost_of: Callable[[dict[int, str]], None]
) -> None:
    cost_of({shop.sku_ids[0]: "180.00"})

    batch = load(shop, tmp_path, HEAD + "A-1001-S,189.00,,,,,\n")
    shop.submit(prices.info(PriceChange.objects.get(), lines=1))

    assert dict(batch.control_totals)["below_floor"] == 1
    assert Request.objects.latest("pk").figures["below_floor"] == 1


def test_a_dry_run_leaves_nothing(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(HEAD + "A-1001-S,189.00,,,,,\n")
    batch = import_file(
        profile="price_change",
        path=path,
        name="prices.csv",
        actor=actor(shop.specialist),
        at=AT,
        options={"channel": "tmall", "starts_at": START.isoformat()},
        dry_run=True,
    )

    assert batch.accepted == 1
    assert not PriceChange.objects.exists()
    assert not ImportBatch.objects.exists()


def test_who_does_not_work_in_the_channel_imports_nothing(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(HEAD + "A-1001-S,189.00,,,,,\n")
    with pytest.raises(Forbidden):
        import_file(
            profile="price_change",
            path=path,
            name="prices.csv",
            actor=actor(account("stranger", Role.OPERATIONS_SPECIALIST)),
            at=AT,
            options={"channel": "tmall", "starts_at": START.isoformat()},
        )
    assert not PriceChange.objects.exists()
