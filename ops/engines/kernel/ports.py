"""Named ports: declared low, filled high from `AppConfig.ready()`, listed in the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_ports: dict[str, Checkpoint[Any] | Source[Any, Any]] = {}


class Checkpoint(Generic[P]):
    """A point where apps above may veto by raising an OpsError."""

    def __init__(self, name: str, doc: str) -> None:
        self.name, self.doc = name, doc
        self.fillers: list[Callable[P, None]] = []
        _ports[name] = self

    @property
    def filled_by(self) -> tuple[str, ...]:
        """Name the functions that may veto."""
        return tuple(_path(filler) for filler in self.fillers)

    def fill(self, check: Callable[P, None]) -> None:
        """Add one veto; filling twice with the same function counts once."""
        if check not in self.fillers:
            self.fillers.append(check)

    def check(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Ask every filler; the first refusal is raised."""
        for filler in self.fillers:
            filler(*args, **kwargs)


class Source(Generic[P, T]):
    """A read-only, set-based question that one app above (or beside) answers."""

    def __init__(self, name: str, doc: str, *, absent: Callable[P, T]) -> None:
        self.name, self.doc = name, doc
        self._answer: Callable[P, T] = absent
        self.is_filled = False
        _ports[name] = self

    @property
    def filled_by(self) -> tuple[str, ...]:
        """Name the function that answers; nothing while nobody fills the port."""
        return (_path(self._answer),) if self.is_filled else ()

    def fill(self, answer: Callable[P, T]) -> None:
        """Name the one function that answers.

        Raises RuntimeError when another function already does.
        """
        if self.is_filled and self._answer is not answer:
            raise RuntimeError(f"port {self.name} is filled twice")
        self._answer, self.is_filled = answer, True

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask; while nobody fills the port, the declared answer for absence is given."""
        return self._answer(*args, **kwargs)


def ports() -> dict[str, Checkpoint[Any] | Source[Any, Any]]:
    """Return every declared port by name."""
    return dict(_ports)


def _path(function: Callable[..., Any]) -> str:
    name = getattr(function, "__qualname__", type(function).__qualname__)
    return f"{function.__module__}.{name}"
