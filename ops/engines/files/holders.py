"""Which records may hold files, and who may see them: declared by each app, closed otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import Policy, declare

Visible = Callable[[Actor, str], bool]


@dataclass(frozen=True, slots=True)
class Holder:
    """One kind of record that files hang on."""

    object_type: str
    policy: Policy
    visible: Visible


_holders: dict[str, Holder] = {}


def _everywhere(_actor: Actor, _object_id: str) -> bool:
    return True


def declare_holder(object_type: str, *, policy: Policy, visible: Visible | None = None) -> None:
    """Let records of a type hold files.

    `policy` is the right to read them; `visible(actor, object_id)` asks the owning app whether
    this very record lies in the actor's scope.
    """
    declare("files", object_type, policy)
    _holders[object_type] = Holder(object_type, policy, visible or _everywhere)


def holder_of(object_type: str) -> Holder:
    """Return the declaration of a type.

    Raises LookupError when no app declared it: a mistake in the program, not of the person.
    """
    if object_type not in _holders:
        raise LookupError(f"no app declared that {object_type} holds files")
    return _holders[object_type]
