"""What a category asks of its goods, inherited downwards (CAT-4.1-02)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from catalog.choices.categories import AttributeKind, StorageClass
from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput

YES: Final = "yes"
NO: Final = "no"
MOST_ATTRIBUTES: Final = 100
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)
_RESERVED: Final = frozenset({"brand", "category", "sequence", "check"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A typed property of the goods of a category; a variant's value stands on the SKU."""

    key: str
    title: str
    kind: str = AttributeKind.TEXT
    unit: str = ""
    choices: tuple[str, ...] = ()
    is_mandatory: bool = False
    is_variant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What holds for the goods of one category on a day, its own word and what it inherits.

    `documents` are titles by key; empty scope or storage means no shelf of the path says any.
    """

    attributes: tuple[Attribute, ...] = ()
    documents: tuple[tuple[str, str], ...] = ()
    scope_item: str = ""
    storage_class: str = ""

    def of_product(self) -> tuple[Attribute, ...]:
        """Return the attributes that are the same for every variant."""
        return tuple(one for one in self.attributes if not one.is_variant)

    def of_variant(self) -> tuple[Attribute, ...]:
        """Return the attributes by which variants differ."""
        return tuple(one for one in self.attributes if one.is_variant)


NOTHING: Final = Demands()


def inherit(path: Iterable[Demands]) -> Demands:
    """Return what holds at the end of a path of categories, root first: the nearer word wins."""
    attributes: dict[str, Attribute] = {}
    documents: dict[str, str] = {}
    scope = storage = ""
    for own in path:
        attributes |= {one.key: one for one in own.attributes}
        documents |= dict(own.documents)
        scope, storage = own.scope_item or scope, own.storage_class or storage
    return Demands(
        attributes=tuple(attributes.values()),
        documents=tuple(documents.items()),
        scope_item=scope,
        storage_class=storage,
    )


def read_demands(demands: Demands) -> Demands:
    """Return what a category is to ask, checked; raises BadInput naming the field."""
    keys = [one.key for one in demands.attributes]
    _distinct(keys, "attributes")
    _distinct([key for key, _title in demands.documents], "documents")
    if len(keys) > MOST_ATTRIBUTES:
        raise BadInput("catalog.attributes_many", _("At most 100 attributes."), field="attributes")
    if demands.storage_class and demands.storage_class not in StorageClass.values:
        raise BadInput(
            "catalog.storage_class", _("There is no such storage class."), field="storage_class"
        )
    return Demands(
        attributes=tuple(_attribute(one) for one in demands.attributes),
        documents=tuple(
            (key, parse.text(title, most=120, least=1)) for key, title in demands.documents
        ),
        scope_item=parse.text(demands.scope_item, most=120),
        storage_class=demands.storage_class,
    )


def read_values(
    attributes: Sequence[Attribute], values: Mapping[str, str], *, are_complete: bool
) -> dict[str, str]:
    """Return attribute values in canonical form, in the order of the attributes.

    Numbers are plain decimals, yes-or-no is `yes` or `no`. Raises BadInput naming the attribute for
    a value that is none of its kind, a key the category does not know and, where values must be
    complete, a mandatory one that is missing.
    """
    known = {one.key: one for one in attributes}
    for key in values:
        if key not in known:
            raise BadInput(
                "catalog.attribute_unknown",
                _("The category has no such attribute here: %(key)s.") % {"key": key},
                field=key,
            )
    read = {}
    for one in attributes:
        value = values.get(one.key, "").strip()
        if value:
            read[one.key] = _value(one, value)
        elif one.is_mandatory and are_complete:
            raise BadInput(
                "catalog.attribute_missing",
                _("%(title)s is mandatory in this category.") % {"title": one.title},
                field=one.key,
            )
    return read


def as_content(demands: Demands) -> dict[str, Any]:
    """Return what is kept of a category's own word, as JSON."""
    return {
        "attributes": [
            {
                "key": one.key,
                "title": one.title,
                "kind": str(one.kind),
                "unit": one.unit,
                "choices": list(one.choices),
                "is_mandatory": one.is_mandatory,
                "is_variant": one.is_variant,
            }
            for one in demands.attributes
        ],
        "documents": [list(pair) for pair in demands.documents],
        "scope_item": demands.scope_item,
        "storage_class": demands.storage_class,
    }


def from_content(content: Mapping[str, Any]) -> Demands:
    """Return a category's own word as it was kept."""
    return Demands(
        attributes=tuple(
            Attribute(**{**one, "choices": tuple(one["choices"])}) for one in content["attributes"]
        ),
        documents=tuple((key, title) for key, title in content["documents"]),
        scope_item=content["scope_item"],
        storage_class=content["storage_class"],
    )


def _distinct(keys: Sequence[str], field: str) -> None:
    for key in keys:
        if not _KEY.fullmatch(key) or (field == "attributes" and key in _RESERVED):
            raise BadInput(
                "catalog.key_wrong",
                _("A key has small letters, digits and underscores, and is no reserved word."),
                field=field,
            )
    if len(set(keys)) != len(keys):
        raise BadInput("catalog.key_twice", _("A key stands twice."), field=field)


def _attribute(one: Attribute) -> Attribute:
    if one.kind not in AttributeKind.values:
        raise BadInput(
            "catalog.attribute_kind", _("There is no such kind of attribute."), field=one.key
        )
    choices = tuple(parse.text(choice, most=80, least=1).strip() for choice in one.choices)
    is_choice = one.kind == AttributeKind.CHOICE
    if is_choice != bool(choices) or len(set(choices)) != len(choices):
        raise BadInput(
            "catalog.attribute_choices",
            _("A choice lists its values, each once; other kinds list none."),
            field=one.key,
        )
    return Attribute(
        key=one.key,
        title=parse.text(one.title, most=80, least=1),
        kind=one.kind,
        unit=parse.text(one.unit, most=16),
        choices=choices,
        is_mandatory=one.is_mandatory,
        is_variant=one.is_variant,
    )


def _value(one: Attribute, value: str) -> str:
    if one.kind == AttributeKind.NUMBER:
        return _number(one, value)
    if one.kind == AttributeKind.CHOICE and value not in one.choices:
        raise _wrong(one, _("one of the listed choices"))
    if one.kind == AttributeKind.YES_NO and value not in (YES, NO):
        raise _wrong(one, _("yes or no"))
    return parse.text(value, most=200, least=1)


def _number(one: Attribute, value: str) -> str:
    if not _NUMBER.fullmatch(value):
        raise _wrong(one, _("a number"))
    plain = format(Decimal(value).normalize(), "f")
    return "0" if plain == "-0" else plain


def _wrong(one: Attribute, wanted: object) -> BadInput:
    return BadInput(
        "catalog.attribute_value",
        _("%(title)s takes %(wanted)s.") % {"title": one.title, "wanted": wanted},
        field=one.key,
    )
