"""A list as a file: this query, these columns, this order, and a sheet that says so."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.desk import formats
from ops.engines.desk.cells import Column
from ops.engines.desk.states import badge_of
from ops.engines.http.entitled import while_entitled
from ops.engines.kernel.errors import RuleViolation
from ops.engines.tables import writer

if TYPE_CHECKING:
    from ops.engines.desk.lists import ListQuery, ListScreen

Text = str | Promise
MOST_ROWS: Final = 50_000
BLOCK: Final = 2_000
_KINDS: Final[Mapping[str, writer.Kind]] = {
    "money": "money",
    "number": "decimal",
    "pct": "rate",
    "day": "date",
    "moment": "datetime",
    "due": "datetime",
}
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def respond(
    screen: ListScreen,
    *,
    request: HttpRequest,
    query: ListQuery,
    columns: Sequence[Column],
    shown: Sequence[tuple[Text, str]],
) -> HttpResponse:
    """Answer the list as CSV or XLSX; a fact says who took what.

    Raises RuleViolation past 50,000 rows: so many are a report, made as a run.
    """
    heads = [writer.Column(c.key, _head(c), _KINDS.get(c.kind, "text")) for c in columns]
    rows = while_entitled(_counted(_rows(screen, query, columns)), request)
    notes = {
        _("List"): screen.title,
        **{str(title): text for title, text in shown},
        _("Order"): query.order or "-",
        _("Time"): formats.moment(screen.at),
        _("Person"): screen.actor.name,
    }
    name = f"{request.resolver_match.url_name if request.resolver_match else 'list'}"
    stamp = formats.moment(screen.at).replace(":", "").replace(" ", "-")
    kind = "csv" if request.GET.get("export") == "csv" else "xlsx"
    with tempfile.TemporaryDirectory(prefix="guifan-export-") as folder:
        path = Path(folder) / f"list.{kind}"
        if kind == "csv":
            with path.open("wb") as stream:
                count = writer.write_csv(heads, rows, stream)
        else:
            count = writer.write_xlsx(heads, rows, path, notes=notes, at=screen.at)
        body = path.read_bytes()
    with transaction.atomic():
        audit.record(
            actor=screen.actor,
            at=screen.at,
            action="desk.exported",
            body={"list": name, "query": request.GET.urlencode()[:1000], "rows": count},
        )
    response = HttpResponse(body, content_type="text/csv" if kind == "csv" else _XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}-{stamp}.{kind}"'
    return response


def _rows(
    screen: ListScreen, query: ListQuery, columns: Sequence[Column]
) -> Iterator[Sequence[Any]]:
    after = ""
    while True:
        asked = dataclasses.replace(query, after=after, before="", limit=BLOCK, is_counted=False)
        page = screen.select(actor=screen.actor, query=asked)
        for row in page.rows:
            yield [_value(column, row) for column in columns]
        after = page.after
        if not after:
            return


def _counted(rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    for number, row in enumerate(rows):
        if number >= MOST_ROWS:
            raise RuleViolation(
                "desk.export_too_large",
                _("More than %(most)s rows: narrow the filters, or ask for a report.")
                % {"most": f"{MOST_ROWS:,}"},
            )
        yield row


def _value(column: Column, row: Any) -> Any:
    value = column.exact(row) if column.exact else column.raw(row)
    if value is None or value == "":
        return None
    return _VALUES.get(column.kind, str)(value)


def _exact(value: Any) -> int | Decimal:
    return value if isinstance(value, int | Decimal) else Decimal(str(value))


def _label(value: Any) -> str | None:
    badge = badge_of(value)
    return str(badge.label) if badge else None


_VALUES: Final[Mapping[str, Callable[[Any], Any]]] = {
    "money": _exact,
    "number": _exact,
    "pct": _exact,
    "day": lambda value: value.date() if isinstance(value, dt.datetime) else value,
    "moment": lambda value: value,
    "due": lambda value: value,
    "badge": _label,
    "flag": lambda value: _("Yes") if value else _("No"),
}


def _head(column: Column) -> str:
    return f"{column.title} ({column.unit})" if column.unit else str(column.title)
