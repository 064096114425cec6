"""Reading of page content: every refusal names its field."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput

T = TypeVar("T")


def known(sent: Mapping[str, Any], fields: Collection[str], place: str = "") -> None:
    """Refuse a field that the content does not have."""
    for name in sent:
        if name not in fields:
            raise BadInput(
                "input.unknown_field", _("There is no such field."), field=f"{place}{name}"
            )


@contextmanager
def at(field: str) -> Iterator[None]:
    """Say of a refusal where it happened."""
    try:
        yield
    except BadInput as error:
        inner = error.context.get("field")
        raise BadInput(
            error.code, error.message, field=f"{field}.{inner}" if inner else field
        ) from error


def text(
    sent: Mapping[str, Any], key: str, *, most: int, least: int = 1, lines: bool = False
) -> str:
    """Read one text."""
    with at(key):
        return parse.text(sent.get(key, ""), most=most, least=least, lines=lines).strip()


def number(sent: Mapping[str, Any], key: str, *, least: int = 0) -> int:
    """Read one whole number."""
    with at(key):
        return parse.quantity(sent.get(key), least=least)


def rows(
    sent: Mapping[str, Any],
    key: str,
    read: Callable[[Mapping[str, Any]], T],
    *,
    most: int,
    least: int = 1,
) -> list[T]:
    """Read a list of mappings, each by `read`."""
    given = sent.get(key, ())
    if isinstance(given, str | Mapping) or not isinstance(given, Sequence):
        raise BadInput("input.list", _("Not a list."), field=key)
    if not least <= len(given) <= most:
        raise BadInput(
            "input.list_length",
            _("Give %(least)s to %(most)s of them.") % {"least": least, "most": most},
            field=key,
        )
    made = []
    for place, each in enumerate(given, 1):
        with at(f"{key}.{place}"):
            if not isinstance(each, Mapping):
                raise BadInput("input.mapping", _("Not a set of fields."))
            made.append(read(each))
    return made


def once(values: Collection[str], key: str) -> None:
    """Refuse two things of one name."""
    if len(set(values)) != len(values):
        raise BadInput("input.twice", _("The same name stands twice."), field=key)
