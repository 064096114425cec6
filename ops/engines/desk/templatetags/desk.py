"""Tags and filters of the work screens."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.utils import timezone
from django.utils.safestring import SafeString

from ops.engines.approvals.choices import RequestState, Verdict
from ops.engines.desk import formats, histories, icons, markup, shell, words
from ops.engines.desk.cells import Cell, Row
from ops.engines.desk.cells import show as show_value
from ops.engines.desk.states import badge_of
from ops.engines.reports.choices import RunState, Standing

register = template.Library()

register.filter("money", formats.money)
register.filter("number", formats.number)
register.filter("pct", formats.pct)
register.filter("short", formats.short)
register.filter("moment", formats.moment)
register.filter("day", formats.day)
register.filter("role_name", words.role_name)
register.filter("limit_words", words.limit_words)
register.filter("action_words", histories.word_of)


@register.filter
def show(value: Any, kind: str = "text") -> str:
    """Write a value the way its kind is written."""
    return show_value(value, kind)


@register.filter
def at_key(mapping: Any, key: str) -> Any:
    """Return one value of a mapping, empty when it has none."""
    return mapping.get(key, "") if mapping else ""


@register.filter
def many(query: QueryDict, key: str) -> list[str]:
    """Return every value a parameter of the address has."""
    return query.getlist(key)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one icon; it is decoration and hidden from readers."""
    return icons.svg(name)


@register.simple_tag
def badge(state: Any, label: str = "") -> SafeString:
    """Show a state with its word, look and shape."""
    return markup.badge(badge_of(state, label))


@register.simple_tag
def cell_html(cell: Cell) -> SafeString:
    """Show what stands in a cell."""
    return markup.cell(cell)


@register.simple_tag
def table_cell(cell: Cell, is_name: bool) -> SafeString:  # noqa: FBT001 - a template's argument
    """Show a cell of a short table in its frame."""
    return markup.table_cell(cell, is_name=is_name)


@register.simple_tag
def row_cells(row: Row) -> SafeString:
    """Show the cells of a list's row."""
    return markup.row_cells(row)


@register.simple_tag
def select_cell(row: Row) -> SafeString:
    """Show the tick that selects a list's row."""
    return markup.select_cell(row)


@register.inclusion_tag("_parts/due.html", takes_context=True)
def due(context: Context, moment: dt.datetime | None) -> dict[str, Any]:
    """Show until when: the span left, with the moment itself beside it."""
    at = context.get("at") or timezone.now()
    return {
        "moment": moment,
        "left": formats.left(moment, at),
        "urgency": formats.urgency(moment, at),
    }


@register.inclusion_tag("_parts/change.html")
def change(ratio: Any) -> dict[str, Any]:
    """Show rise or fall as an arrow with sign, in ink: never by colour."""
    text = formats.pct(ratio)
    falls = text.startswith(formats.MINUS)
    flat = text in ("0.0%", formats.MISSING)
    return {"text": text.lstrip(formats.MINUS), "falls": falls, "flat": flat}


@register.inclusion_tag("_parts/chart.html")
def chart(chart: Any) -> dict[str, Any]:
    """Draw a chart with its finding and the table of the same numbers."""
    return {"chart": chart, "data_id": f"chart-{chart.key}-data"}


@register.inclusion_tag("_parts/field.html")
def field(bound: Any) -> dict[str, Any]:
    """Show one field with label, hint, control and error."""
    return {"bound": bound, "field": bound.field}


@register.inclusion_tag("_parts/action.html")
def action(shown: Any) -> dict[str, Any]:
    """Show one action, or why it may not be taken."""
    return {"shown": shown, "action": shown.action}


@register.simple_tag(takes_context=True)
def address(context: Context, **changes: Any) -> str:
    """Return this address with some parameters changed; an empty value removes one."""
    request: HttpRequest = context["request"]
    query: QueryDict = request.GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    query.pop("part", None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


@register.simple_tag(takes_context=True)
def frame(context: Context) -> shell.Frame | None:
    """Return what surrounds every screen: navigation, counters, bands, period, language."""
    request = context.get("request")
    return shell.frame_of(request, screen=context.get("screen")) if request else None


@register.simple_tag
def request_state(state: str) -> SafeString:
    """Show the state of an approval request."""
    return badge(RequestState(state))


@register.simple_tag
def verdict(value: str) -> SafeString:
    """Show what a decider said."""
    return badge(Verdict(value))


@register.simple_tag
def standing(value: str) -> SafeString:
    """Show what a version of figures is worth."""
    return badge(Standing(value))


@register.simple_tag
def run_state(value: str) -> SafeString:
    """Show where the making of a report file stands."""
    return badge(RunState(value))
