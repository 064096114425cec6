"""Filters and orderings from an allow-list; what is not listed is refused, never ignored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput


@dataclass(frozen=True, slots=True)
class Filter:
    """One query parameter: what it compares (`placed_at__gte`) and how its text is read."""

    lookup: str
    read: Callable[[str], Any]
    schema: str = "string"
    format: str = ""

    def described(self) -> dict[str, Any]:
        """Return its schema for the API's document."""
        return {"type": self.schema} | ({"format": self.format} if self.format else {})


def exact(field: str) -> Filter:
    """Return a filter for a code or a state, compared as written."""
    return Filter(field, lambda text: parse.text(text, most=200, least=1))


def number(field: str) -> Filter:
    """Return a filter for an id."""
    return Filter(field, lambda text: parse.quantity(text, least=1), "integer")


def flag(field: str) -> Filter:
    """Return a filter for true or false."""
    return Filter(field, _flag, "boolean")


def day(field: str) -> Filter:
    """Return a filter for a date, such as `business_day__gte`."""
    return Filter(field, parse.day, format="date")


def moment(field: str) -> Filter:
    """Return a filter for a moment, such as `placed_at__lt`."""
    return Filter(field, parse.moment, format="date-time")


def check_query(request: Request, *, allowed: frozenset[str]) -> None:
    """Refuse query parameters that are unknown or sent twice.

    Raises BadInput naming the parameter.
    """
    for name, values in request.query_params.lists():
        if name not in allowed:
            raise BadInput(
                "input.parameter_unknown",
                _("Unknown query parameter: %(name)s.") % {"name": ascii(name[:40])[1:-1]},
            )
        if len(values) > 1:
            raise BadInput(
                "input.parameter_twice",
                _("Query parameter sent twice: %(name)s.") % {"name": name},
            )


class DeclaredFilters(BaseFilterBackend):
    """Apply the view's `filters` and its `ordering`."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> QuerySet[Any]:
        """Return the rows the query asks for, out of those the view shows."""
        if getattr(view, "action", "") != "list":
            return queryset
        return queryset.filter(**read_filters(request, view.filters))  # type: ignore[attr-defined]

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Describe the parameters for the API's document."""
        filters: Mapping[str, Filter] = getattr(view, "filters", {})
        described: list[dict[str, Any]] = [
            {"name": name, "in": "query", "required": False, "schema": one.described()}
            for name, one in filters.items()
        ]
        described.append(
            {
                "name": "ordering",
                "in": "query",
                "required": False,
                "schema": {"type": "string", "enum": list(getattr(view, "orderings", ()))},
            }
        )
        return described


def read_filters(request: Request, filters: Mapping[str, Filter]) -> dict[str, Any]:
    """Return the comparisons a query asks for, by lookup.

    Raises BadInput naming the parameter.
    """
    read: dict[str, Any] = {}
    for name, one in filters.items():
        if name in request.query_params:
            try:
                read[one.lookup] = one.read(request.query_params[name])
            except BadInput as error:
                raise BadInput(error.code, error.message, field=name) from error
    return read


def _flag(text: str) -> bool:
    if text not in {"true", "false"}:
        raise BadInput("input.flag", _("Write true or false."))
    return text == "true"
