"""Paths and query parameters: what is no key, no filter and no order of ours is refused (4, 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ops.engines.http.api import PolicyViewSet
from ops.engines.http.pagination import KeysetPagination
from tests.badinput.bodies import Example, example, send
from tests.badinput.corpus import sampled
from tests.badinput.ground import Ground
from tests.badinput.judging import FULL, Verdicts, asked, one_by_one, parted, seed_of, why_wrong
from tests.badinput.operations import Operation, name_of, operations

READING = [one for one in operations() if one.method == "GET"]
KEYED = [one for one in operations() if one.keys]
MOST_KEYS, MOST_QUERIES = (1000, 1000) if FULL else (2, 4)
KEYS = (
    "0", "-1", "1.5", "01", "１", "1e3", "99999999999999999999", "9223372036854775808", "null", "NaN",
    "None", "true", "1%00", "%00", "..%2f..%2fetc%2fpasswd", "1%20OR%201=1", "a%27--", "{{7*7}}",
    "1%2f2", "%E2%80%AE", "6F9619FF-8B86-D011-B42D-00C04FC964FF", "x" * 3000, "%ED%A0%80", "%FF",
    "1%0d%0aX-Evil:1", "[1]", "id__gt", "987654321987",
)  # fmt: skip
STRANGERS = {
    "customer__phone": "1", "id__gt": "0", "id__in": "1,2", "_connector": "OR", "_negated": "1",
    "channel__code__regex": ".*", "password": "a", "pk": "1", "format": "xml", "limit": "100000",
    "offset": "-1", "fields": "*", "q[]": "1", "a\x00": "1", "__class__": "1", "键": "1",
}  # fmt: skip
ORDERS = (
    "-customer__phone", "customer__phone", "id,-id", "id; DROP", "?", "-?", "pk", "--id", "password", "",
    "id__gt", "random()", "id\x00", "1",
)  # fmt: skip
SIZES = (
    "0",
    "-1",
    "101",
    "1000000",
    "99999999999999999999",
    "1.5",
    "all",
    "",
    "２５",
    "25 ",
    "\x00",
)
CURSORS = ("x", "0", "Og", "%00", "a" * 5000, "eyJhIjoxfQ", "\u202e", "-1", "null", "=" * 4)
VALUES: dict[str, tuple[str, ...]] = {
    "integer": ("0", "-1", "1.5", "x", "9" * 30, "１", "", "1e3", "\x00", "[1]", "1,2"),
    "boolean": ("1", "True", "yes", "", "null", "\x00", "on"),
    "string": ("\x00", "a\u202e", "", "x" * 5000, "a\u200b"),
}
TIMES = ("0000-01-01", "2026-02-30", "now", "1767225600", "", "9999-12-31", "\x00", "2026/2/3")


def test_no_path_takes_what_is_no_key(ground: Ground) -> None:
    verdicts = Verdicts()

    for operation in one_by_one(verdicts, KEYED, name_of):
        valid = example(ground, operation)
        for name in operation.keys:
            for key in sampled(list(KEYS), MOST_KEYS, seed_of(operation.name)):
                tried = Example(
                    valid.account, {**valid.keys, name: key}, valid.body, 0, valid.version
                )
                answer = asked(send, ground, operation, tried)
                why = why_wrong(answer)
                if why or answer.status_code not in {400, 404, 405, 412, 422, 428}:
                    verdicts.say(operation.name, {name: key}, answer, why or "no 404")

    verdicts.hold()


def _with(ground: Ground, operation: Operation, valid: Example, query: Any) -> Any:
    plain = send(ground, operation, valid).wsgi_request.GET.dict() if operation.query else {}
    client = ground.api(valid.account)
    address = operation.address(dict(valid.keys))
    if isinstance(query, str):
        return asked(client.get, f"{address}?{query}")
    return asked(client.get, address, {**plain, **query})


@pytest.mark.parametrize("part", parted(READING), ids=lambda part: part[0].name)
def test_a_query_is_read_strictly(ground: Ground, part: Sequence[Operation]) -> None:
    verdicts = Verdicts()

    for operation in one_by_one(verdicts, part, name_of):
        valid, queries = example(ground, operation), _queries(operation)
        step = max(1, len(queries) // MOST_QUERIES)
        for query, pointer in queries[seed_of(operation.name) % step :: step]:
            answer = _with(ground, operation, valid, query)
            if why := why_wrong(answer, pointer=pointer):
                verdicts.say(operation.name, query, answer, why)

    verdicts.hold()


def _queries(operation: Operation) -> list[tuple[Any, str]]:
    queries: list[tuple[Any, str]] = [({name: value}, "") for name, value in STRANGERS.items()]
    queries += [(f"{name}=1&{name}=1", "") for name in sorted(operation.query)]
    if operation.is_list and "ordering" in operation.query:
        queries += [({"ordering": value}, "") for value in ORDERS]
    if "page_size" in operation.query:
        queries += [({"page_size": value}, "") for value in SIZES]
        queries += [({"cursor": value}, "") for value in CURSORS]
    return queries + _filters(operation)


def _filters(operation: Operation) -> list[tuple[Any, str]]:
    view = operation.view
    if not isinstance(view, PolicyViewSet) or operation.action != "list":
        return []
    found: list[tuple[Any, str]] = []
    for name, one in view.filters.items():
        values = TIMES if one.format else VALUES[one.schema]
        found += [({name: value}, f"/{name}") for value in values]
    return found


def test_every_list_pages_by_key_and_no_page_is_larger_than_a_hundred(ground: Ground) -> None:
    verdicts = Verdicts()

    for operation in READING:
        valid = example(ground, operation)
        if not valid.accepted:
            continue
        rows = send(ground, operation, valid)
        if "json" not in rows.headers.get("Content-Type", ""):
            continue
        body = rows.json()
        listed = body.get("results") if isinstance(body, dict) else body
        if not isinstance(listed, list):
            continue
        if "page_size" not in operation.query and operation.name not in WHOLE:
            verdicts.say(operation.name, "", rows, "answers a list that has no pages")
        if len(listed) > max(KeysetPagination.sizes):
            verdicts.say(operation.name, len(listed), rows, "is longer than a page")

    verdicts.hold()


WHOLE = {
    "GET /display-slots/": "the slots of one page: at most 60",
    "GET /approvals/": "what waits for one person; at most 200",
    "GET /metrics/": "one row per declared metric",
    "GET /metrics/{key}/": "the days asked for, at most 400",
    "GET /periods/": "one row a month",
    "GET /recommendations/": "what stands beside one good: at most 50",
    "GET /reports/": "one row per declared report",
    "GET /search/": "the best of what a text finds: at most 50",
    "GET /stock-counts/{id}/sheets/": "one row per place of one count",
    "GET /stock-counts/{id}/sheets/{sheet}/lines/": "pages of 500 lines by `after`",
    "GET /stock-counts/{id}/variance-report/": "the differences of one count",
}
"""Lists without pages, and why they stay short."""
