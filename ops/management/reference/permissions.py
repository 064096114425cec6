"""Who may: positions by area, classes of data, and every door."""

from __future__ import annotations

from ops.engines.http.registry import doors, entries
from ops.engines.identity.choices import AREAS
from ops.engines.identity.register import positions
from ops.engines.kernel.classified import classified, guards
from ops.management.reference.markdown import Page, code


def pages() -> list[Page]:
    """Return the page of positions and data, that of things, and that of doors."""
    return [_rights(), _things(), _doors()]


def _rights() -> Page:
    page = Page(
        "permissions.md",
        "Permissions",
        "V view, C create, P post, A approve, E export, M manage; small letters only inside granted"
        " objects. `manage.py policies` prints the whole registry.",
    )
    page.head("Positions")
    page.table(
        ("Position", "Key", *AREAS),
        [
            (
                f"{one.name_zh} / {one.name_en}",
                code(one.key),
                *(one.written[area] for area in AREAS),
            )
            for one in positions()
        ],
    )
    page.head("Classes of data")
    page.table(
        ("Class", "Read by"),
        [(code(data.value), policy.label) for data, policy in guards().items()],
    )
    page.table(
        ("Stored field", "Class", "Read by"),
        [
            (
                code(f"{model}.{field}"),
                one.data.value,
                one.readers.label if one.readers else "whoever sees the record",
            )
            for (model, field), one in sorted(classified().items())
        ],
    )
    return page


def _things() -> Page:
    page = Page(
        "permissions-declared.md",
        "Permissions of what is declared",
        "Jobs, reports, exports, flows, imports, cards and the rest, each with who may.",
    )
    found = [one for one in entries() if one.kind not in {"screen", "route", "field", "data"}]
    for kind in sorted({one.kind for one in found}):
        page.head(kind.capitalize())
        page.table(
            ("Name", "Who may", "Confined by"),
            [
                (code(one.name), one.policy.label, one.policy.objects)
                for one in found
                if one.kind == kind
            ],
        )
    return page


def _doors() -> Page:
    page = Page(
        "permissions-doors.md",
        "Permissions of every door",
        "Every method of every route with who may; small letters are confined to granted objects.",
    )
    found = doors()
    for title, start in (("API", "/api/"), ("Record screens", "/admin/"), ("Screens", "")):
        rows = [
            (code(one.method), code(one.path), one.policy.label, one.policy.objects)
            for one in found
            if _group(one.path) == start
        ]
        page.head(title)
        page.table(("Method", "Route", "Who may", "Confined by"), rows)
    return page


def _group(path: str) -> str:
    return next((start for start in ("/api/", "/admin/") if path.startswith(start)), "")
