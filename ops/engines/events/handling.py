"""Who wants to know: the registry of handlers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ops.engines.events.facts import F, Fact, readers_of

Handle = Callable[[Sequence[F]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """One function that takes batches of one kind of fact."""

    name: str
    kind: type[Fact]
    call: Handle[Any]


_handlers: dict[str, Handler] = {}


def subscribe(kind: type[F]) -> Callable[[Handle[F]], Handle[F]]:
    """Let a function take the facts of a kind, in batches of at most a thousand.

    The handler's name is its dotted path: move it only when nothing is undelivered. It runs inside
    the transaction that also writes the receipts, so its effect and they commit together.
    Raises TypeError when the function already takes another kind, or a field cannot be read back.
    """
    readers_of(kind)

    def enter(handle: Handle[F]) -> Handle[F]:
        name = f"{handle.__module__}.{handle.__qualname__}"
        known = _handlers.get(name)
        if known is not None and known.kind.name != kind.name:
            raise TypeError(f"{name} already takes {known.kind.name}")
        _handlers[name] = Handler(name=name, kind=kind, call=handle)
        return handle

    return enter


def handlers() -> Mapping[str, Handler]:
    """Return every handler by its name."""
    return MappingProxyType(_handlers)


def subscribers(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return (fact name, handler name) for the facts named."""
    wanted = frozenset(names)
    return [(h.kind.name, h.name) for h in _handlers.values() if h.kind.name in wanted]
