"""What a module type allows, and whether values keep to it (CAT-4.3-13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from catalog.choices.pages import FieldKind
from catalog.rules.pages import reading
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput
from ops.engines.revisions.types import Finding

OWNERS: Final = (Role.DESIGNER, Role.WEB_EDITING_SUPERVISOR, Role.OPERATIONS_SPECIALIST)
MOST_FIELDS: Final = 20
MOST_GOODS: Final = 24
_FIELD: Final = ("key", "title", "kind", "required", "most", "width", "height")
_LONGEST: Final = {FieldKind.TEXT: 200, FieldKind.LINES: 4000, FieldKind.LINK: 400}
_MEASURED: Final = frozenset((*_LONGEST, FieldKind.GOODS))


def read_module(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read a module type: its title, owner, and allowed fields with their sizes.

    Raises BadInput by field: a picture without size, a limit that cannot be, a name twice.
    """
    reading.known(sent, ("title", "owner", "fields"))
    fields = reading.rows(sent, "fields", _field, most=MOST_FIELDS)
    reading.once([each["key"] for each in fields], "fields")
    owner = sent.get("owner")
    if owner not in OWNERS:
        raise BadInput("input.choice", _("Please choose one of the list."), field="owner")
    return {
        "title": reading.text(sent, "title", most=60),
        "owner": str(owner),
        "fields": fields,
    }


def misfits(module: Mapping[str, Any], values: Mapping[str, Any], place: str) -> Iterator[Finding]:
    """Yield what in the values of one placement its module type does not allow."""
    allowed = {each["key"]: each for each in module["fields"]}
    for key in values.keys() - allowed.keys():
        yield _stop(place, key, "catalog.field_unknown", _("The module has no such field."))
    for key, field in allowed.items():
        value = values.get(key)
        if value in (None, "", [], {}):
            if field["required"]:
                yield _stop(place, key, "catalog.field_empty", _("This field must be filled in."))
        elif words := _misfit(field, value):
            yield _stop(place, key, "catalog.field_misfit", words)


def _misfit(field: Mapping[str, Any], value: Any) -> Any:
    """Say what is wrong with a value, None for nothing."""
    kind = FieldKind(field["kind"])
    if kind in _LONGEST:
        return _text_misfit(kind, field, value)
    if kind is FieldKind.GOODS:
        if not isinstance(value, list) or len(value) > field["most"]:
            return _("At most %(most)s SKUs.") % {"most": field["most"]}
    elif kind is FieldKind.IMAGE:
        if not isinstance(value, Mapping) or set(value) != {"file", "alt"}:
            return _("A picture is a file with words for those who cannot see it.")
    elif isinstance(value, bool) or not isinstance(value, int):
        return _("Not a whole number.")
    return None


def _text_misfit(kind: FieldKind, field: Mapping[str, Any], value: Any) -> Any:
    if not isinstance(value, str):
        return _("Not a text.")
    if len(value) > field["most"]:
        return _("At most %(most)s characters.") % {"most": field["most"]}
    if kind is FieldKind.LINK and not value.startswith(("/", "https://")):
        return _("A link begins with / or https://.")
    return None


def _field(sent: Mapping[str, Any]) -> dict[str, Any]:
    reading.known(sent, _FIELD)
    with reading.at("key"):
        key = parse.code(sent.get("key"), most=30)
    with reading.at("kind"):
        if sent.get("kind") not in FieldKind.values:
            raise BadInput("input.choice", _("Please choose one of the list."))
        kind = FieldKind(sent["kind"])
    made: dict[str, Any] = {
        "key": key,
        "title": reading.text(sent, "title", most=60),
        "kind": str(kind.value),
        "required": sent.get("required") is True,
    }
    if kind in _MEASURED:
        made["most"] = _limit(sent, kind)
    if kind is FieldKind.IMAGE:
        made["width"] = reading.number(sent, "width", least=1)
        made["height"] = reading.number(sent, "height", least=1)
    return made


def _limit(sent: Mapping[str, Any], kind: FieldKind) -> int:
    longest = _LONGEST.get(kind, MOST_GOODS)
    if sent.get("most") in (None, ""):
        return longest
    most = reading.number(sent, "most", least=1)
    if most > longest:
        raise BadInput(
            "input.most",
            _("At most %(most)s here.") % {"most": longest},
            field="most",
        )
    return most


def _stop(place: str, key: str, code: str, words: Any) -> Finding:
    return Finding(field=f"modules.{place}.{key}", code=code, words=words)
