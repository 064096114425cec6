"""What people call the members of a dimension: declared by the app that owns them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from django.utils.functional import Promise

Names = Callable[[Collection[str]], Mapping[str, str]]
_dimensions: Final[dict[str, tuple[str | Promise, Names]]] = {}


def name_members(dimension: str, title: str | Promise, names: Names) -> None:
    """Say what a dimension is called and how its members are; `names` costs one query."""
    _dimensions[dimension] = (title, names)


def title_of(dimension: str) -> str:
    """Return the word for a dimension, its key when nobody named it."""
    return str(_dimensions[dimension][0]) if dimension in _dimensions else dimension


def names_of(dimension: str, members: Collection[str]) -> Mapping[str, str]:
    """Return the names of members; one that has none keeps its key."""
    found = _dimensions[dimension][1](members) if dimension in _dimensions and members else {}
    return {member: found.get(member, member) for member in members}
