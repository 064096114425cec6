"""Every form and filter of every screen refuses what is not of its kind, and nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from django.db import transaction

from ops.engines.desk.forms import FormScreen
from ops.engines.desk.records import RecordScreen
from tests.badinput.corpus import sampled
from tests.badinput.ground import Ground, Rollback, changed, state_hash, undone
from tests.badinput.judging import FULL, Verdicts, drawn, seed_of
from tests.badinput.pages import Form, screens, walk
from tests.permissions.crawling import get
from tests.support.listening import ear
from tests.support.typed import Shown, host, typed

MOST_FORMS, MOST_PAGES = 24, 30
MOST_CONTROLS, MOST_VALUES = (1000, 1000) if FULL else (2, 1)
FEWEST = 30 if FULL else 10
NUMBER = ("-1", "1.5", "1e3", "+5", "1_000", "0x10", "NaN", "Infinity", "五", str(10**20), "1\x00")
HIDDEN = ("a\x00b", "a\u202eb", "a\u200bb", "a\u2066b")
BAD: dict[str, tuple[str, ...]] = {
    "quantity": NUMBER,
    "number": NUMBER,
    "money": ("1e400", "NaN", "1.0000001", "9，90", "¥9.90", "0x10", "1_0", "五", "9" * 30),
    "day": ("2026-02-30", "0001-01-01", "1899-12-31", "2101-01-01", "1767225600", "民國115年", "x"),
    "moment": ("2026-02-30 10:00", "2026-01-01 24:00", "0001-01-01 00:00", "1767225600000", "now"),
    "code": (*HIDDEN, "A" * 3000),
    "text": (*HIDDEN, "长" * 20_000),
    "lines": (*HIDDEN, "长" * 20_000),
    "choice": ("no such choice", "a\x00", "-1", "{{7*7}}"),
    "choices": ("no such choice", "a\x00"),
}
ANY = (
    "\x00", "a\u202eb", "-1", str(10**20), "{{7*7}}", "<svg onload=alert(1)>", "'; --", "../../etc",
    "x" * 20_000, "1e400", "NaN", "[]", "٣",
)  # fmt: skip
FILTERS = (
    "\x00",
    "a\u202eb",
    "-1",
    str(10**20),
    "'; --",
    "2026-02-30",
    "x" * 5000,
    "..",
    "1..2",
    "٣",
)
_A_FILE, _A_SEAL = "sends a file, no page", "needs a seal, which waits for every open transaction"
_EDITORIAL = "kept by the web editing supervisor, who does not walk here"
NOT_REACHED: dict[str, str] = {
    "/access-reviews/<int:review_id>/": "needs a review, which opens once a quarter",
    "/approvals/<int:request_id>/print/": _A_FILE,
    "/audit/anchors/<int:number>/": _A_SEAL,
    "/audit/bundles/<int:bundle_id>/": _A_SEAL,
    "/audit/bundles/<int:bundle_id>/file/": _A_SEAL,
    "/audit/checks/<int:fact_id>/": "needs a bundle that somebody checked",
    "/clauses/<str:code>/proof/": _A_FILE,
    "/clocks/<int:clock_id>/": "no kind of time limit is declared by an app yet",
    "/content-tasks/<int:task_id>/assign/": _EDITORIAL,
    "/content-tasks/<int:task_id>/version/": _EDITORIAL,
    "/content-tasks/new/": _EDITORIAL,
    "/customers/<int:customer_id>/reveal/": "takes a form only",
    "/duty-exceptions/<int:exception_id>/": "the company asked for no exception",
    "/files/<int:file_id>/": _A_FILE,
    "/forbidden-goods/<int:ban_id>/end/": _EDITORIAL,
    "/forbidden-sales/<int:case_id>/": "the company sold nothing forbidden",
    "/listed-words/<int:word_id>/end/": _EDITORIAL,
    "/listings/<int:listing_id>/attest/": _EDITORIAL,
    "/reference-prices/<int:reference_id>/": "no price of the company stands struck out",
    "/finance/close/": "leads to the month",
    "/imports/<int:batch_id>/rejects/": _A_FILE,
    "/inbox/poll/": "a fragment for the page that polls",
    "/inventory/disposals/<int:pk>/": "the company dropped nothing from its range",
    "/inventory/equipment/<int:pk>/": "the company has registered no equipment",
    "/keys/": "takes a form only",
    "/print/<slug:form>/<int:pk>/": _A_FILE,
    "/range-reviews/<int:review_id>/": "needs a review, which is made once a month",
    "/range-reviews/rows/<int:row_id>/": "needs a review, which is made once a month",
    "/reports/<slug:name>/compare/": "needs two editions of one month",
    "/reports/runs/<int:run_id>/file/": _A_FILE,
    "/scan/": "asked for with a code",
    "/sheets/<int:pk>/print/": _A_FILE,
    "/sheets/photos/<int:pk>/": _A_FILE,
    "/sheets/worker.js": "a script, no page",
    "/system/outbox/<int:delivery_id>/": "needs a delivery that failed eight times",
}
"""Screens that walking does not show as pages, and why; a screen reached nevertheless fails."""


def first(row: tuple[str, Any]) -> str:
    """Return the name a row is drawn by."""
    return row[0]


def posts(ground: Ground) -> list[tuple[str, Form]]:
    """Return the forms that are sent, by name."""
    return [(name, form) for name, form in walk(ground).forms.items() if form.method == "post"]


def posted(ground: Ground, form: Form, fields: dict[str, Any]) -> tuple[Any, list[str]]:
    """Send a form; return the answer and the tables it changed, everything undone."""
    client, before, tables = ground.browser(form.account), state_hash(), []
    answer: Any = None
    try:
        with transaction.atomic():
            answer = client.post(form.url, fields)
            tables = changed(before)
            raise Rollback
    except Rollback:
        pass
    return answer, tables


def test_walking_reaches_every_screen(ground: Ground) -> None:
    done = walk(ground)
    reached = set(done.pages) | {
        form.route for form in done.forms.values() if form.method == "post"
    }

    assert sorted(set(screens()) - reached - set(NOT_REACHED)) == []
    assert sorted(set(NOT_REACHED) - set(screens())) == []
    assert len(done.forms) > 50


def test_a_form_refuses_what_is_not_of_its_kind(ground: Ground) -> None:
    verdicts, tried = Verdicts(), 0
    forms = [(name, form) for name, form in posts(ground) if form.kinds]

    for name, form in drawn(forms, MOST_FORMS, first):
        fields = sampled(list(form.kinds.items()), MOST_CONTROLS, seed_of(name))
        for turn, (key, field) in enumerate(fields):
            for value in sampled(list(BAD.get(field.kind, ())), MOST_VALUES, seed_of(name) + turn):
                tried += 1
                answer, tables = posted(ground, form, {**form.fields, "step": "do", key: value})
                if answer.status_code >= 500 or tables:
                    why = f"{answer.status_code}, changed {tables}"
                    verdicts.say(form.name, {key: value}, answer, why)

    assert tried > FEWEST
    verdicts.hold()


def test_no_control_of_any_page_breaks_its_screen(ground: Ground) -> None:
    verdicts = Verdicts()

    for name, form in drawn(posts(ground), MOST_FORMS, first):
        controls = [key for key in form.fields if key != "csrfmiddlewaretoken"]
        for turn, key in enumerate(sampled(controls, MOST_CONTROLS, seed_of(name))):
            for value in sampled(list(ANY), MOST_VALUES, seed_of(name) + turn):
                answer, tables = posted(ground, form, {**form.fields, key: value})
                if answer.status_code >= 500:
                    verdicts.say(form.name, {key: value}, answer, str(answer.status_code))
                elif answer.status_code >= 400 and tables:
                    verdicts.say(form.name, {key: value}, answer, f"changed {tables}")

    verdicts.hold()


def test_what_is_typed_into_any_form_stays_text_and_asks_nobody(ground: Ground) -> None:
    breaches, shown = list[str](), 0
    forms = [(name, form) for name, form in posts(ground) if words(form)]

    with ear() as heard:
        for name, form in drawn(forms, MOST_FORMS, first):
            for text in typed(heard) if FULL else typed(heard)[seed_of(name) % 2 :][:1]:
                fields = form.fields | dict.fromkeys(words(form), text) | {"step": "do"}
                with undone():
                    for body in answered(ground, form, fields):
                        told = Shown(host(heard))
                        told.feed(body)
                        shown += told.times
                        breaches += [f"{form.name}: {one}" for one in told.breaches]

    assert heard.asked == []
    assert breaches == []
    assert shown > FEWEST


def words(form: Form) -> list[str]:
    """Return the controls of a form that take free text."""
    return [key for key, one in form.kinds.items() if one.kind in {"text", "lines"}]


def answered(ground: Ground, form: Form, fields: dict[str, Any]) -> Iterator[str]:
    """Send a form and yield the page that answers, and the page it leads to."""
    client = ground.browser(form.account)
    answer = client.post(form.url, fields)
    yield answer.content.decode(errors="replace")
    if answer.status_code == 302:
        page = get(client, urljoin(form.url, answer.headers["Location"]))
        yield page.body.decode(errors="replace") if page.is_html else ""


def test_no_form_takes_a_field_it_does_not_offer(ground: Ground) -> None:
    verdicts, tried = Verdicts(), 0
    strangers = {"is_superuser": "1", "state": "approved", "id": "1", "approval_id": "1"}

    usual = {FormScreen.post, RecordScreen.post}
    forms = [
        (name, form)
        for name, form in posts(ground)
        if issubclass(screens()[form.route], FormScreen | RecordScreen)
        and getattr(screens()[form.route], "post") in usual  # noqa: B009 each kind has its own
    ]

    for _name, form in drawn(forms, MOST_FORMS, first):
        action = form.fields.get("action", "")
        tried += 1
        extra = {key: value for key, value in strangers.items() if key not in form.fields}
        answer, tables = posted(ground, form, {**form.fields, **extra, "step": "do"})
        is_shown_why_not = answer.status_code == 302 and action and not tables
        if tables or (answer.status_code not in {400, 403, 404} and not is_shown_why_not):
            verdicts.say(form.name, extra, answer, f"{answer.status_code}, changed {tables}")

    assert tried > 5
    verdicts.hold()


def test_no_filter_of_any_list_breaks_its_screen(ground: Ground) -> None:
    verdicts = Verdicts()

    for route, pages in drawn(walk(ground).pages.items(), MOST_PAGES, first):
        account, url = pages[0]
        owner = screens()[route]
        keys = [one.key for one in getattr(owner, "filters", ())]
        keys += ["o", "after", "before", "n", "tab", "c", "sel", "export", "view", "q", "id__gt"]
        client, before = ground.browser(account), state_hash()
        for turn, key in enumerate(sampled(keys, MOST_CONTROLS, seed_of(route))):
            for value in sampled(list(FILTERS), MOST_VALUES, seed_of(route) + turn):
                for query in ({key: value}, {key: [value, "1"]}):
                    answer = client.get(url, query)
                    if answer.status_code >= 500:
                        verdicts.say(route, query, answer, str(answer.status_code))
        # Taking a list away as a file is a fact of the audit log; nothing else may change.
        if tables := set(changed(before)) - {"audit_fact"}:
            verdicts.lines.append(f"{route}: reading changed {sorted(tables)}")

    verdicts.hold()
