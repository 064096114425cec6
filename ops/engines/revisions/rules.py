"""What differs between two contents, and which parts of a kind that touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ops.engines.revisions.types import Change

# Things in a list that carry one of these are the same thing wherever they stand.
_NAMES: Final = ("key", "id", "code", "step")
_ABSENT: Final = object()


def compare(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[Change]:
    """Return what differs, in the order of the paths; lists of named things by their names."""
    before, after = dict(_leaves(old or {}, "")), dict(_leaves(new or {}, ""))
    paths = sorted(before.keys() | after.keys())
    return [
        Change(path=path, old=before.get(path), new=after.get(path))
        for path in paths
        if before.get(path, _ABSENT) != after.get(path, _ABSENT)
    ]


def changed_parts(
    parts: Mapping[str, Sequence[str]],
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any],
) -> list[str]:
    """Return the parts of which a field differs, in declared order; without `old` all of them."""
    if old is None:
        return list(parts)
    return [
        part
        for part, fields in parts.items()
        if any(old.get(field) != new.get(field) for field in fields)
    ]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value and any(isinstance(each, Mapping) for each in value):
        for place, item in enumerate(value, 1):
            yield from _leaves(item, f"{path}.{_name(item, place)}")
    elif path:
        yield path, value


def _name(item: Any, place: int) -> str:
    if isinstance(item, Mapping):
        for key in _NAMES:
            if item.get(key) not in (None, ""):
                return str(item[key])
    return str(place)
