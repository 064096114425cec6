"""Classes of data: what a value gives away, who may read it, and its removal for everybody else.

A value is known by the name it travels under: `unit_cost` is a cost on a list, in an export, in an
answer of the API, in a history line and in the figures of a request. What needs another class than
its name says declares it where it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from .actor import Actor
from .policy import SIGNED_IN, Policy, declare, only


class DataClass(StrEnum):
    """What a value gives away; `internal` needs no more than the right to what it stands on."""

    INTERNAL = "internal"
    COST = "cost"
    PERSONAL = "personal"


GUARDED: Final = (DataClass.COST, DataClass.PERSONAL)
_COST: Final = re.compile(r"(^|_)(costs?|margins?|profits?)(_|$)|^floor$")
_PERSONAL: Final = re.compile(
    r"(^|_)(phone|mobile|address|email|recipient|counterparty|id_number|id_card)(_|$)|_enc$"
)


@dataclass(frozen=True, slots=True)
class Classified:
    """One stored field, its class, and its readers where they are others than the class's."""

    model: str
    field: str
    data: DataClass
    own: Policy | None = None

    @property
    def readers(self) -> Policy | None:
        """Return who may read it in plain text; None: whoever sees the thing it stands on."""
        return self.own or _guards.get(self.data)


_guards: dict[DataClass, Policy] = {}
_fields: dict[tuple[str, str], Classified] = {}
_carried: dict[tuple[str, str], DataClass] = {}


def guard(data: DataClass, policy: Policy) -> Policy:
    """Say who may read values of a class; raises RuntimeError when it was said otherwise."""
    if _guards.setdefault(data, policy) != policy:
        raise RuntimeError(f"data class {data} is guarded twice")
    declare("data", data.value, policy)
    return policy


def classify(model: str, data: DataClass, *fields: str, readers: Policy | None = None) -> None:
    """Declare the class of stored fields; a name that sounds guarded may be declared internal.

    `readers` are named where they are others than those of the class.
    """
    for field in fields:
        _fields[model, field] = Classified(model, field, data, readers)
        declare("field", f"{model}.{field}", readers or _guards.get(data) or SIGNED_IN)
        carry("field", f"{model}.{field}", [data])


def carry(kind: str, name: str, classes: Iterable[DataClass]) -> DataClass:
    """Note the highest class of data a declared thing gives away, and return it."""
    held = max(classes, key=list(DataClass).index, default=DataClass.INTERNAL)
    _carried[kind, name] = held
    return held


def carried(kind: str, name: str) -> DataClass:
    """Return the class of data a declared thing gives away."""
    if kind == "data":
        return DataClass(name)
    return _carried.get((kind, name), DataClass.INTERNAL)


def classified() -> Mapping[tuple[str, str], Classified]:
    """Return every declared field by (model label, field name)."""
    return MappingProxyType(_fields)


def guards() -> Mapping[DataClass, Policy]:
    """Return who may read the guarded classes."""
    return MappingProxyType(_guards)


def class_of(name: str) -> DataClass:
    """Return the class a value has by its name, as it is shown; personal texts are masked apart."""
    return DataClass.COST if _COST.search(name) else DataClass.INTERNAL


def sounds_guarded(field: str) -> bool:
    """Say whether a stored field must be declared: its name sounds like a cost or a person."""
    return bool(_COST.search(field) or _PERSONAL.search(field))


def may_read(data: DataClass, actor: Actor | None) -> bool:
    """Say whether the actor may read values of a class; a class nobody guards is read by nobody."""
    if data is DataClass.INTERNAL:
        return True
    policy = _guards.get(data)
    return policy is not None and policy.allows(actor)


def require_readable(data: DataClass, actor: Actor | None) -> None:
    """Refuse what gives away more than the actor may read. Raises Forbidden."""
    if not may_read(data, actor):
        _guards.get(data, only("nobody")).require(actor)


def readable(name: str, actor: Actor | None) -> bool:
    """Say whether the actor may read a value travelling under a name."""
    return may_read(class_of(name), actor)


def known_to(found: Mapping[str, Any], actor: Actor | None) -> dict[str, Any]:
    """Return the entries the actor may read, what is nested in them cleared by `without`."""
    kept = {name: value for name, value in found.items() if readable(name, actor)}
    cleared: dict[str, Any] = without(kept, actor)
    return cleared


def without(
    value: Any, actor: Actor | None, *, also: Mapping[str, DataClass] = MappingProxyType({})
) -> Any:
    """Return a plain structure with everything the actor may not read set to None.

    `also` gives the class of names that do not say it themselves, such as `value`.
    """
    blind = frozenset(data for data in GUARDED if not may_read(data, actor))
    return _cleared(value, blind, also) if blind else value


def _cleared(value: Any, blind: frozenset[DataClass], also: Mapping[str, DataClass]) -> Any:
    if isinstance(value, Mapping):
        return {
            name: None
            if (also.get(str(name)) or class_of(str(name))) in blind
            else _cleared(one, blind, also)
            for name, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [_cleared(one, blind, also) for one in value]
    return value


def unguarded(models: Iterable[Any]) -> list[str]:
    """Return what stops the start: guarded classes without readers, fields without a class."""
    found = [f"data class {data} has no readers" for data in GUARDED if data not in _guards]
    known = set()
    for model in models:
        meta = model._meta  # noqa: SLF001
        for field in meta.concrete_fields:
            known.add((meta.label, field.name))
            if sounds_guarded(field.name) and (meta.label, field.name) not in _fields:
                found.append(f"field {meta.label}.{field.name} has no data class")
    strangers = sorted(set(_fields) - known)
    found += [
        f"field {model}.{field} is classified and does not exist" for model, field in strangers
    ]
    return found
