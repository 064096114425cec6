"""Pages by key, not by number: as fast on the last page as on the first."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core import signing
from django.core.exceptions import FieldError, ValidationError
from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from ops.engines.kernel.canonical import plain
from ops.engines.kernel.errors import BadInput

_SALT = "ops.engines.http.cursor"
PAGE_SIZES = (25, 50, 100)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in an ordering: after (or before) the row with these key values."""

    ordering: str
    backwards: bool
    values: tuple[Any, ...]

    def encoded(self) -> str:
        """Return the cursor as text that only we can write."""
        text = signing.dumps([self.ordering, self.backwards, plain(self.values)], salt=_SALT)
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decoded(cls, text: str, *, ordering: str) -> "Cursor":
        """Read a cursor of the same ordering.

        Raises BadInput when it was tampered with or belongs to another ordering.
        """
        try:
            signed = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
            made_for, backwards, values = signing.loads(signed, salt=_SALT)
        except (ValueError, signing.BadSignature) as error:
            raise BadInput("input.cursor", _("This page mark is not ours.")) from error
        if made_for != ordering:
            raise BadInput("input.cursor", _("This page mark belongs to another ordering."))
        return cls(ordering=ordering, backwards=bool(backwards), values=tuple(values))


class KeysetPagination(BasePagination):
    """`next`, `previous`, `results`; 25, 50 or 100 rows by `page_size`."""

    sizes: ClassVar[tuple[int, ...]] = PAGE_SIZES
    params: ClassVar[tuple[str, ...]] = ("cursor", "page_size")

    def paginate_queryset(
        self,
        queryset: QuerySet[Any] | Sequence[Any],
        request: Request,
        view: APIView | None = None,
    ) -> list[Any]:
        """Return one page of rows and remember where its neighbours are."""
        if not isinstance(queryset, QuerySet):
            raise TypeError("keyset pages need a queryset")
        self.request = request
        size = self._size(request)
        ordering = self._ordering(request, getattr(view, "orderings", ("-id",)))
        text = request.query_params.get("cursor")
        cursor = Cursor.decoded(text, ordering=ordering) if text else None
        backwards = cursor is not None and cursor.backwards
        rows = list(_beyond(queryset, ordering, cursor)[: size + 1])
        more = len(rows) > size
        rows = rows[:size]
        if backwards:
            rows.reverse()
        self._next = self._mark(rows, ordering, last=True) if more or backwards else None
        has_previous = more if backwards else cursor is not None
        self._previous = self._mark(rows, ordering, last=False) if has_previous else None
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        """Wrap a page."""
        return Response(
            {
                "next": self._link(self._next),
                "previous": self._link(self._previous),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page for the API's document."""
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Describe the parameters for the API's document."""
        return [
            {"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"}},
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "enum": list(PAGE_SIZES)},
            },
        ]

    def _size(self, request: Request) -> int:
        text = request.query_params.get("page_size", "50")
        if text not in {str(size) for size in PAGE_SIZES}:
            raise BadInput("input.page_size", _("A page has 25, 50 or 100 rows."))
        return int(text)

    def _ordering(self, request: Request, allowed: Sequence[str]) -> str:
        asked = request.query_params.get("ordering", allowed[0])
        if asked not in allowed:
            raise BadInput("input.ordering", _("Not an ordering of this list."))
        return asked

    def _mark(self, rows: Sequence[Model], ordering: str, *, last: bool) -> str | None:
        if not rows:
            return None
        row = rows[-1 if last else 0]
        values = tuple(_value(row, field) for field in _fields(ordering))
        return Cursor(ordering=ordering, backwards=not last, values=values).encoded()

    def _link(self, mark: str | None) -> str | None:
        if mark is None:
            return None
        return replace_query_param(self.request.build_absolute_uri(), "cursor", mark)


def _fields(ordering: str) -> list[str]:
    """Return the fields of the key: the ordering's own and the id that makes it unique."""
    name = ordering.lstrip("-")
    return [name] if name in {"id", "pk"} else [name, "id"]


def _beyond(queryset: QuerySet[Any], ordering: str, cursor: Cursor | None) -> QuerySet[Any]:
    """Return the rows after the cursor in reading order (before it, reversed, when backwards).

    The fields of an ordering hold no nulls.
    """
    downwards = ordering.startswith("-") != bool(cursor and cursor.backwards)
    fields = _fields(ordering)
    ordered = queryset.order_by(*(F(f).desc() if downwards else F(f).asc() for f in fields))
    if cursor is None:
        return ordered
    step = "lt" if downwards else "gt"
    try:
        if len(fields) == 1:
            return ordered.filter(**{f"{fields[0]}__{step}": cursor.values[0]})
        first, second = cursor.values
        # The outer bound lets an index on the field start at the right place.
        return ordered.filter(
            Q(**{f"{fields[0]}__{step}e": first})
            & (Q(**{f"{fields[0]}__{step}": first}) | Q(**{f"{fields[1]}__{step}": second}))
        )
    except (FieldError, ValidationError, TypeError, ValueError) as error:
        raise BadInput("input.cursor", _("This page mark is not ours.")) from error


def _value(row: Any, field: str) -> Any:
    for part in field.split("__"):
        row = getattr(row, part)
    return row
