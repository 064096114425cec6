"""Rows for reports about sheets: which were signed when, and what was found on them.

A report passes `CHECKS` and `CASES` as columns, `CHECKS_SQL` and `CASES_SQL` with `parameters(...)`
to its query, and the rows through `check_rows` and `case_rows`, which put words for keys.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from ops.engines.sheets.choices import CaseState, SheetState
from ops.engines.sheets.templates import template_named
from ops.engines.tables.writer import Column

CHECKS: Final = (
    Column("number", _("Number")),
    Column("template", _("Check or form")),
    Column("place", _("Where")),
    Column("period", _("Period")),
    Column("state", _("State")),
    Column("due_at", _("Due"), "datetime"),
    Column("signed_at", _("Signed"), "datetime"),
    Column("late", _("Late")),
    Column("hands", _("Signed by")),
    Column("abnormal", _("Abnormal items"), "integer"),
)
CASES: Final = (
    Column("case", _("Case")),
    Column("sheet", _("Check or form")),
    Column("item", _("Item")),
    Column("found", _("Found")),
    Column("state", _("State")),
    Column("opened_at", _("Opened"), "datetime"),
    Column("due_on", _("Due on"), "date"),
    Column("cause", _("Cause")),
    Column("remedy", _("What was done")),
    Column("closed_at", _("Closed"), "datetime"),
    Column("closing_note", _("Closing note")),
)
_MINE = """
    t.key = ANY (%(templates)s)
    AND (s.opened_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN %(first)s AND %(last)s
    AND (%(scopes)s::bigint[] IS NULL OR s.scope_id = ANY (%(scopes)s::bigint[]))
"""
CHECKS_SQL: Final = f"""
SELECT s.number, t.key, s.scope_id, s.period, s.state, s.due_at, s.signed_at,
       CASE WHEN coalesce(s.signed_at, %(at)s) > s.due_at AND s.state <> 'void'
            THEN 'yes' ELSE '' END,
       coalesce((SELECT string_agg(p.name, ', ' ORDER BY g.step)
                 FROM sheets_signature g JOIN identity_person p ON p.id = g.person_id
                 WHERE g.sheet_id = s.id AND g.round = s.round), ''),
       (SELECT count(*) FROM sheets_case c WHERE c.sheet_id = s.id AND c.state <> 'withdrawn')
FROM sheets_sheet s JOIN sheets_template t ON t.id = s.template_id
WHERE {_MINE}
ORDER BY s.id
"""  # noqa: S608 no value is put in
CASES_SQL: Final = f"""
SELECT c.number, s.number, coalesce((
           SELECT i ->> 'title' FROM jsonb_array_elements(v.items) i WHERE i ->> 'key' = c.item
       ), c.item), c.found, c.state, c.opened_at, c.due_on, c.cause, c.remedy, c.closed_at,
       c.closing_note
FROM sheets_case c
JOIN sheets_sheet s ON s.id = c.sheet_id
JOIN sheets_templateversion v ON v.id = s.version_id
JOIN sheets_template t ON t.id = s.template_id
WHERE c.state <> 'withdrawn' AND {_MINE}
ORDER BY c.id
"""  # noqa: S608 no value is put in


def parameters(
    templates: Collection[str],
    *,
    first: date,
    last: date,
    scopes: Collection[int] | None,
    **more: Any,
) -> dict[str, Any]:
    """Return the values of the statements: kinds of sheets, days they were opened on, places."""
    return {
        "templates": list(templates),
        "first": first,
        "last": last,
        "scopes": None if scopes is None else sorted(scopes),
        **more,
    }


def check_rows(
    rows: Iterable[Sequence[Any]], *, places: Mapping[int, str]
) -> Iterator[tuple[Any, ...]]:
    """Yield rows of `CHECKS_SQL` in words; `places` names the places by id."""
    for number, key, place, period, state, due_at, signed_at, late, *rest in rows:
        yield (
            number,
            str(template_named(key).title),
            places.get(place, ""),
            period,
            str(SheetState(state).label),
            due_at,
            signed_at,
            now("Yes") if late else "",
            *rest,
        )


def case_rows(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield rows of `CASES_SQL` in words."""
    for number, sheet, item, found, state, *rest in rows:
        yield (number, sheet, item, found, str(CaseState(state).label), *rest)
