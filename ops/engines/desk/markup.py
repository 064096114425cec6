"""Cells and badges as HTML, written here and not in templates.

A page of fifty rows holds hundreds of them, and a template asks each a dozen questions.
"""

from __future__ import annotations

from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ops.engines.desk import icons, trends
from ops.engines.desk.cells import Cell, Row
from ops.engines.desk.states import SHAPES, Badge

_NOTHING: Final = format_html("{}", "")
_CHECKED: Final = format_html(" {}", "checked")
_AS_IS: Final = format_html(" {}", "data-as-is")
_UNBROKEN: Final = frozenset(("moment", "day", "due"))
_FEW: Final = 12  # letters a cell may hold before it asks for room


def badge(found: Badge | None) -> SafeString:
    """Write a state with its word, look and shape; nothing for none."""
    if found is None:
        return _NOTHING
    return format_html(
        '<span class="state is-{}">{}{}</span>',
        found.tone,
        icons.svg(SHAPES[found.tone]),
        found.label,
    )


def cell(shown: Cell) -> SafeString:
    """Write what stands in a cell: its badge, link or text, and the smaller line below."""
    return format_html("{}{}", _value(shown), _sub(shown)) if shown.sub else _value(shown)


def row_cells(row: Row) -> SafeString:
    """Write the cells of a list's row; the one that names it opens it."""
    return format_html_join("", "{}", ((_framed(each, row.href),) for each in row.cells))


def select_cell(row: Row) -> SafeString:
    """Write the cell with the tick that selects a row, named after its first cell."""
    return format_html(
        '<td class="select-cell"><label class="tick"><input type="checkbox" name="sel"'
        ' value="{}" form="bulk"{} aria-label="{}"></label></td>',
        row.key,
        _CHECKED if row.is_picked else _NOTHING,
        _("Select %(name)s") % {"name": row.cells[0].text},
    )


def _framed(shown: Cell, href: str) -> SafeString:
    opens = shown.is_name and href and not shown.href
    within = (
        format_html('<a href="{}" data-open>{}</a>{}', href, shown.text, _sub(shown))
        if opens
        else cell(shown)
    )
    return _frame(shown, within, is_name=shown.is_name)


def table_cell(shown: Cell, *, is_name: bool) -> SafeString:
    """Write a cell of a short table; its first cell names the row and never breaks a code."""
    return _frame(shown, cell(shown), is_name=is_name)


def _frame(shown: Cell, within: SafeString, *, is_name: bool) -> SafeString:
    frame = (
        '<th scope="row" class="{}" data-label="{}">{}</th>'
        if is_name
        else '<td class="{}" data-label="{}">{}</td>'
    )
    return format_html(frame, _look(shown, is_name=is_name), shown.label, within)


def _look(shown: Cell, *, is_name: bool) -> str:
    is_code = shown.kind == "code" and is_name
    return (
        ("num" if shown.is_right else "")
        + (" row-name" if is_name else "")
        + (" nowrap" if is_code or shown.kind in _UNBROKEN else "")
        + (" words" if shown.kind == "text" and len(shown.text) > _FEW else "")
        + (" is-empty" if shown.is_blank else "")
    )


def _value(shown: Cell) -> SafeString:
    if shown.badge is not None:
        return badge(shown.badge)
    if shown.trend is not None:
        return trends.svg(shown.trend)
    as_is = _AS_IS if shown.kind == "code" else _NOTHING
    if shown.href:
        return format_html('<a href="{}"{}>{}</a>', shown.href, as_is, shown.text)
    if shown.kind == "code":
        return format_html("<span data-as-is>{}</span>", shown.text)
    if shown.kind == "due" and shown.urgency:
        return format_html('<span class="due is-{}">{}</span>', shown.urgency, shown.text)
    return format_html("{}", shown.text)


def _sub(shown: Cell) -> SafeString:
    return format_html('<span class="sub">{}</span>', shown.sub) if shown.sub else _NOTHING
