"""Every form and filter of every screen refuses what is not of its kind, and nothing changes."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from ops.engines.desk.forms import FormScreen
from ops.engines.desk.records import RecordScreen
from tests.badinput.ground import Ground, Rollback, changed, state_hash
from tests.badinput.judging import FULL, Verdicts, seed_of
from tests.badinput.pages import Form, screens, walk

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
NOT_REACHED: dict[str, str] = {
    "/imports/<int:batch_id>/rejects/": "sends a file, no page",
    "/inbox/poll/": "a fragment for the page that polls",
    "/keys/": "takes a form only",
    "/customers/<int:customer_id>/reveal/": "takes a form only",
    "/reports/runs/<int:run_id>/file/": "sends a file, no page",
    "/reports/<slug:name>/compare/": "needs two editions of one month",
    "/finance/close/": "leads to the month",
    "/scan/": "asked for with a code",
}
"""Screens that walking does not show as pages, and why; a screen reached nevertheless fails."""


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

    assert set(screens()) - reached == set(NOT_REACHED) - reached
    assert len(done.forms) > 50


def test_a_form_refuses_what_is_not_of_its_kind(ground: Ground) -> None:
    verdicts, tried = Verdicts(), 0

    for name, form in walk(ground).forms.items():
        if form.method != "post":
            continue
        for turn, (key, field) in enumerate(form.kinds.items()):
            values = BAD.get(field.kind, ())
            values = values if FULL else values[(seed_of(name) + turn) % 3 :: 3][:2]
            for value in values:
                tried += 1
                answer, tables = posted(ground, form, {**form.fields, "step": "do", key: value})
                if answer.status_code >= 500 or tables:
                    why = f"{answer.status_code}, changed {tables}"
                    verdicts.say(form.name, {key: value}, answer, why)

    assert tried > 30
    verdicts.hold()


def test_no_control_of_any_page_breaks_its_screen(ground: Ground) -> None:
    verdicts = Verdicts()

    for name, form in walk(ground).forms.items():
        if form.method != "post":
            continue
        controls = [key for key in form.fields if key != "csrfmiddlewaretoken"]
        for turn, key in enumerate(controls):
            for value in ANY if FULL else ANY[(seed_of(name) + turn) % len(ANY) :][:1]:
                answer, tables = posted(ground, form, {**form.fields, key: value})
                if answer.status_code >= 500:
                    verdicts.say(form.name, {key: value}, answer, str(answer.status_code))
                elif answer.status_code >= 400 and tables:
                    verdicts.say(form.name, {key: value}, answer, f"changed {tables}")

    verdicts.hold()


def test_no_form_takes_a_field_it_does_not_offer(ground: Ground) -> None:
    verdicts, tried = Verdicts(), 0
    strangers = {"is_superuser": "1", "state": "approved", "id": "1", "approval_id": "1"}

    for form in walk(ground).forms.values():
        owner = screens()[form.route]
        action = form.fields.get("action", "")
        if form.method != "post" or not issubclass(owner, FormScreen | RecordScreen):
            continue
        if owner.post not in {FormScreen.post, RecordScreen.post}:
            continue
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

    for route, pages in walk(ground).pages.items():
        account, url = pages[0]
        owner = screens()[route]
        keys = [one.key for one in getattr(owner, "filters", ())]
        keys += ["o", "after", "before", "n", "tab", "c", "sel", "export", "view", "q", "id__gt"]
        client, before = ground.browser(account), state_hash()
        for turn, key in enumerate(keys):
            values = FILTERS if FULL else FILTERS[(seed_of(route) + turn) % len(FILTERS) :][:1]
            for value in values:
                for query in ({key: value}, {key: [value, "1"]}):
                    answer = client.get(url, query)
                    if answer.status_code >= 500:
                        verdicts.say(route, query, answer, str(answer.status_code))
        if tables := changed(before):
            verdicts.lines.append(f"{route}: reading changed {tables}")

    verdicts.hold()
