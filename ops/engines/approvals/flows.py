"""Declared approval flows: who asks, who decides in which order, what an approval does.

An app declares its flows in its own `flows.py`; services name a flow by its key.

    register(
        Flow(
            "payment_request",
            title=_("Expense or payment"),
            requester=frozenset({Role.FINANCE_OFFICER, Role.ALL_STAFF}),
            steps=(
                Step(Role.FINANCE_MANAGER, step_up=True),
                Step(Role.OPERATIONS_DIRECTOR, when=beyond_limit, step_up=True),
            ),
            area="finance",
            cumulative=Cumulative(key=payee, amount="total", window=timedelta(days=1)),
            examples=(Example(content={...}, figures={...}),),
        )
    )

A flow that asks for a fresh second factor also says so in a migration, `ddl.require_step_up`, so
that the database asks for it whatever the request says.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ops.engines.approvals.types import FrozenStep, RequestInfo
from ops.engines.clocks.limits import Limit, working_days
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import declare, may

Text = str | Promise
Shown = Mapping[str, Any]
Effect = Callable[[RequestInfo, Actor, datetime], None]

EVERYBODY: Final = 0
# Where the register of clauses names no limit: until the end of the next working day.
USUAL_LIMIT: Final = working_days(1)
USUAL_REASONS: Final[tuple[Text, ...]] = (
    _("Evidence is missing"),
    _("The figures don't add up"),
    _("Outside the budget or the band"),
    _("Wrong time or period"),
    _("Please split it into smaller requests"),
)
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


@dataclass(frozen=True)
class Step:
    """One decision of a flow.

    `when` gets figures and content in one mapping (a figure hides content of the same name), with
    the values exactly as given to `submit`; None means always. `also` names positions any of which
    may decide as well. `needed` is how many different persons must, EVERYBODY all who are named.
    `people` narrows the holders to these persons (the issuer, the heads concerned); `in_department`
    to the requester's department and those above it. An `opinion` step needs words but does not
    decide. `within` is the time limit before the step escalates one level, on the calendar in
    force; `clocks.limits.hours` where the rules say hours. `area` is where the approver's right is
    looked up when it is not the flow's. `step_up` asks for a fresh second factor.
    """

    role: str
    when: Callable[[Shown], bool] | None = None
    opinion: bool = False
    within: Limit = USUAL_LIMIT
    area: str | None = None
    also: tuple[str, ...] = ()
    needed: int = 1
    people: Callable[[Shown], Sequence[int]] | None = None
    in_department: bool = False
    step_up: bool = False


@dataclass(frozen=True)
class Cumulative:
    """Amounts that count together, so that splitting one does not dodge a level.

    `key` says what they have in common (a supplier, a SKU, a requester); `amount` names the figure
    or content that is added up. Steps are chosen, and deciders see, the sum of all requests of
    the flow with the same key that were handed in within `window` and are open or approved.
    """

    key: Callable[[Shown], str]
    amount: str
    window: timedelta
    shown_as: str = "counted_together"


@dataclass(frozen=True)
class Example:
    """One request as the flow's own app would hand it in: for conformance and documentation."""

    content: Mapping[str, Any]
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Flow:
    """What one kind of request needs and does.

    `effect` runs inside the transaction of the last approval; `on_return` inside that of a return
    or a withdrawal (the request's state tells which); `on_void` inside that of a change of what was
    approved, and takes the effect back or refuses. `scope` names the scope kind in which the
    approver must be allowed to approve. `guards` names the table whose trigger
    (`ddl.guard_by_approval`) refuses rows without an approved request of this flow.

    `barred` are persons who may not decide though they did not ask (the scorer, a second counter).
    `now` gives the figures of this moment: when they moved since they were shown, a decision is
    refused. `in_band` says by the figures whether a request may be decided in bulk (None: all may),
    `total` names the figure whose sum is shown then. `pauses` stops the step's clock while a
    question is open. `outcome` says, by request id, what came of earlier requests. `step_up` asks
    the requester for a fresh second factor.
    """

    key: str
    title: Any
    requester: frozenset[str]
    steps: tuple[Step, ...]
    area: str
    scope: str | None = None
    effect: Effect | None = None
    on_return: Effect | None = None
    on_void: Effect | None = None
    guards: str | None = None
    clauses: Sequence[str] = ()
    describe: Callable[[Mapping[str, Any]], str] | None = None
    ladder: tuple[str, ...] = LADDER
    barred: Callable[[Shown], Sequence[int]] | None = None
    now: Callable[[RequestInfo], Mapping[str, Any]] | None = None
    in_band: Callable[[Shown], bool] | None = None
    total: str = ""
    cumulative: Cumulative | None = None
    reasons: Sequence[Text] = USUAL_REASONS
    pauses: bool = True
    outcome: Callable[[Sequence[int]], Mapping[int, Text]] | None = None
    step_up: bool = False
    examples: Sequence[Example] = ()

    def frozen_steps(
        self, content: Mapping[str, Any], figures: Mapping[str, Any]
    ) -> list[FrozenStep]:
        """Return the steps this content and these figures need, in order.

        Raises TypeError when none of them decides: such a flow would approve by itself.
        """
        shown = shown_of(content, figures)
        frozen = [
            FrozenStep(
                role=str(step.role),
                area=step.area or self.area,
                opinion=step.opinion,
                limit=step.within.text,
                also=tuple(str(role) for role in step.also),
                needed=step.needed,
                people=None if step.people is None else tuple(step.people(shown)),
                in_department=step.in_department,
                step_up=step.step_up,
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

    def allows_bulk(self, step: FrozenStep, figures: Mapping[str, Any]) -> bool:
        """Say whether a request may be decided together with others of its kind."""
        return not step.step_up and (self.in_band is None or self.in_band(figures))

    def sum_of(self, figures: Mapping[str, Any]) -> Decimal | None:
        """Return what a request adds to the sum of a bulk approval, None when nothing is added."""
        value = figures.get(self.total) if self.total else None
        return None if value is None else Decimal(str(value))


def shown_of(content: Mapping[str, Any], figures: Mapping[str, Any]) -> ChainMap[str, Any]:
    """Return figures and content in one mapping; a figure hides content of the same name."""
    return ChainMap(dict(figures), dict(content))


_flows: dict[str, Flow] = {}


def register(flow: Flow) -> Flow:
    """Enter a flow into the registry and its requesters into the policy registry.

    Raises RuntimeError when another flow has the key, TypeError when the steps cannot decide.
    """
    if _flows.get(flow.key, flow) is not flow:
        raise RuntimeError(f"flow {flow.key} is declared twice")
    if not flow.steps or flow.steps[-1].opinion:
        raise TypeError(f"flow {flow.key} does not end in a decision")
    if any(step.needed < EVERYBODY for step in flow.steps):
        raise TypeError(f"flow {flow.key} needs fewer than nobody")
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
