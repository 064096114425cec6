"""Declared approval flows: who asks, who decides in which order, what an approval does.

An app declares its flows in its own `flows.py`; services name a flow by its key.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ops.engines.approvals.types import FrozenStep, RequestInfo
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import declare, may

LADDER: Final[tuple[str, ...]] = (
    Role.OPERATIONS_SPECIALIST,
    Role.OPERATIONS_SUPERVISOR,
    Role.OPERATIONS_MANAGER,
    Role.OPERATIONS_DIRECTOR,
    Role.EXECUTIVE,
)
# Roles beside the line and the level above them; any other role is answerable to the director, the
# store manager too: what waits there beyond its time goes to the director (HR-1.2-08).
BESIDE: Final[Mapping[str, str]] = {
    Role.FINANCE_OFFICER: Role.FINANCE_MANAGER,
    Role.EDITOR: Role.WEB_EDITING_SUPERVISOR,
    Role.DESIGNER: Role.WEB_EDITING_SUPERVISOR,
    Role.WEB_EDITING_SUPERVISOR: Role.OPERATIONS_SUPERVISOR,
}

Effect = Callable[[RequestInfo, Actor, datetime], None]


@dataclass(frozen=True)
class Step:
    """One decision of a flow.

    `when` gets figures and content in one mapping (a figure hides content of the same name), with
    the values exactly as given to `submit`; None means always. An `opinion` step needs words but
    does not decide. `hours` is the time limit before the step escalates one level. `area` is where
    the approver's right is looked up when it is not the flow's.
    """

    role: str
    when: Callable[[Mapping[str, Any]], bool] | None = None
    opinion: bool = False
    hours: int = 24
    area: str | None = None


@dataclass(frozen=True)
class Flow:
    """What one kind of request needs and does.

    `effect` runs inside the transaction of the last approval; `on_return` inside that of a return
    or a withdrawal (the request's state tells which). `scope` names the scope kind in which the
    approver must be allowed to approve. `guards` names the table whose trigger
    (`ddl.guard_by_approval`) refuses rows without an approved request of this flow.
    """

    key: str
    title: Any
    requester: frozenset[str]
    steps: tuple[Step, ...]
    area: str
    scope: str | None = None
    effect: Effect | None = None
    on_return: Effect | None = None
    guards: str | None = None
    clauses: Sequence[str] = ()
    describe: Callable[[Mapping[str, Any]], str] | None = None
    ladder: tuple[str, ...] = LADDER

    def frozen_steps(
        self, content: Mapping[str, Any], figures: Mapping[str, Any]
    ) -> list[FrozenStep]:
        """Return the steps this content and these figures need, in order.

        Raises TypeError when none of them decides: such a flow would approve by itself.
        """
        shown = ChainMap(dict(figures), dict(content))
        frozen = [
            FrozenStep(
                role=str(step.role),
                area=step.area or self.area,
                opinion=step.opinion,
                hours=step.hours,
            )
            for step in self.steps
            if step.when is None or step.when(shown)
        ]
        if not frozen or frozen[-1].opinion:
            raise TypeError(f"flow {self.key}: no step decides")
        return frozen

    def level_above(self, role: str) -> str | None:
        """Return the role one level up, or None at the top."""
        if role in self.ladder:
            place = self.ladder.index(role)
            return str(self.ladder[place + 1]) if place + 1 < len(self.ladder) else None
        above = BESIDE.get(role, Role.OPERATIONS_DIRECTOR)
        return str(above)


_flows: dict[str, Flow] = {}


def register(flow: Flow) -> Flow:
    """Enter a flow into the registry and its requesters into the policy registry.

    Raises RuntimeError when another flow has the key, TypeError when the steps cannot decide.
    """
    if _flows.get(flow.key, flow) is not flow:
        raise RuntimeError(f"flow {flow.key} is declared twice")
    if not flow.steps or flow.steps[-1].opinion:
        raise TypeError(f"flow {flow.key} does not end in a decision")
    declare("flow", flow.key, may(flow.area, "C", *flow.requester))
    _flows[flow.key] = flow
    return flow


def flow_named(key: str) -> Flow:
    """Return the flow with this key; raises LookupError when nobody declared it."""
    try:
        return _flows[key]
    except KeyError:
        raise LookupError(f"no approval flow is named {key}") from None


def flows() -> dict[str, Flow]:
    """Return every declared flow by key."""
    return dict(_flows)
