"""A toy flow and its people: nothing of a shop, all of an approval."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg2
import pytest
from django.db import IntegrityError, connection, transaction

from ops.engines.approvals import services
from ops.engines.approvals.flows import (
    EVERYBODY,
    Cumulative,
    Example,
    Flow,
    Step,
    register,
)
from ops.engines.approvals.types import RequestInfo
from ops.engines.clocks.limits import hours
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from tests.engines.identity.factories import AT, account

SYSTEM_DAY = AT.date()
CONTENT = {"lines": [{"thing": 1, "price": Decimal("9.90")}], "reason": "spring"}
DEEP = {"change": Decimal("-20.00"), "floor": Decimal("8.00"), "lowest": Decimal("7.00")}
FIGURES = {"change": Decimal("-5.00"), "floor": Decimal("8.00"), "lowest": Decimal("9.90")}


@dataclass
class Seen:
    """What the flow's effects were told."""

    approved: list[RequestInfo] = field(default_factory=list)
    returned: list[RequestInfo] = field(default_factory=list)
    refuse: Exception | None = None
    now: dict[str, Any] = field(default_factory=dict)


SEEN = Seen()


def _effect(request: RequestInfo, actor: Actor, at: datetime) -> None:
    if SEEN.refuse is not None:
        raise SEEN.refuse
    SEEN.approved.append(request)


def _back(request: RequestInfo, actor: Actor, at: datetime) -> None:
    SEEN.returned.append(request)


TOY = register(
    Flow(
        "toy_price",
        title="Toy price",
        requester=frozenset({Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR}),
        steps=(
            Step(Role.OPERATIONS_SUPERVISOR, within=hours(8)),
            Step(Role.OPERATIONS_MANAGER, when=lambda shown: shown["change"] < -10),
            Step(Role.OPERATIONS_DIRECTOR, when=lambda shown: shown["lowest"] < shown["floor"]),
        ),
        area="catalog",
        effect=_effect,
        on_return=_back,
        describe=lambda content: f"{len(content['lines'])} things",
        in_band=lambda figures: Decimal(figures["change"]) >= -10,
        total="change",
        examples=(Example(CONTENT, FIGURES), Example(CONTENT, DEEP)),
    )
)
COUNT = register(
    Flow(
        "toy_count",
        title="Toy count",
        requester=frozenset({Role.WAREHOUSE_KEEPER}),
        steps=(
            Step(Role.STORE_MANAGER, opinion=True),
            Step(Role.OPERATIONS_DIRECTOR),
        ),
        area="inventory",
        examples=(Example(CONTENT),),
    )
)
RECEIPT = register(
    Flow(
        "toy_receipt",
        title="Toy receipt",
        requester=frozenset({Role.WAREHOUSE_KEEPER}),
        steps=(Step(Role.STORE_MANAGER, within=hours(24)),),
        area="inventory",
        examples=(Example(CONTENT),),
    )
)
LOCAL = register(
    Flow(
        "toy_local",
        title="Toy task",
        requester=frozenset({Role.ALL_STAFF}),
        steps=(Step(Role.DEPARTMENT_HEAD),),
        area="ops",
        scope="department",
        examples=(Example(CONTENT),),
    )
)
ANY = register(
    Flow(
        "toy_any",
        title="下架",
        requester=frozenset({Role.OPERATIONS_SPECIALIST}),
        steps=(Step(Role.OPERATIONS_SUPERVISOR, also=(Role.OPERATIONS_MANAGER,)),),
        area="catalog",
        examples=(Example(CONTENT),),
    )
)
BOTH = register(
    Flow(
        "toy_both",
        title="Toy month opened again",
        requester=frozenset({Role.OPERATIONS_SPECIALIST}),
        steps=(
            Step(Role.OPERATIONS_MANAGER, needed=2),
            Step(Role.OPERATIONS_DIRECTOR),
        ),
        area="catalog",
        barred=lambda shown: shown.get("judged", ()),
        examples=(Example(CONTENT),),
    )
)
HEADS = register(
    Flow(
        "toy_heads",
        title="Toy training plan",
        requester=frozenset({Role.HR_OFFICER}),
        steps=(
            Step(
                Role.DEPARTMENT_HEAD,
                needed=EVERYBODY,
                people=lambda shown: shown.get("heads", ()),
            ),
            Step(Role.OPERATIONS_DIRECTOR),
        ),
        area="ops",
        examples=(Example(CONTENT),),
    )
)
BUDGET = register(
    Flow(
        "toy_budget",
        title="费用",
        requester=frozenset({Role.OPERATIONS_SPECIALIST}),
        steps=(
            Step(Role.OPERATIONS_SUPERVISOR),
            Step(Role.OPERATIONS_MANAGER, when=lambda shown: Decimal(shown["total"]) > 1000),
        ),
        area="catalog",
        cumulative=Cumulative(
            key=lambda shown: str(shown["payee"]), amount="total", window=timedelta(days=1)
        ),
        total="total",
        examples=(
            Example({"payee": "one"}, {"total": Decimal("600.00")}),
            Example({"payee": "two"}, {"total": Decimal("1600.00")}),
        ),
    )
)
MOVING = register(
    Flow(
        "toy_moving",
        title="浮动价",
        requester=frozenset({Role.OPERATIONS_SPECIALIST}),
        steps=(Step(Role.OPERATIONS_SUPERVISOR),),
        area="catalog",
        now=lambda request: {**request.figures, **SEEN.now},
        effect=_effect,
        on_void=_back,
        outcome=lambda ids: dict.fromkeys(ids, "-4.00"),
        examples=(Example(CONTENT, FIGURES),),
    )
)
PROVED = register(
    Flow(
        "toy_proved",
        title="收款账户变更",
        requester=frozenset({Role.OPERATIONS_SPECIALIST}),
        steps=(
            Step(Role.OPERATIONS_SUPERVISOR, step_up=True),
            Step(Role.OPERATIONS_MANAGER, step_up=True),
        ),
        area="catalog",
        step_up=True,
        effect=_effect,
        examples=(Example(CONTENT, FIGURES),),
    )
)
TOYS = (TOY, COUNT, RECEIPT, LOCAL, ANY, BOTH, HEADS, BUDGET, MOVING, PROVED)


def actor(user: User, *, at: datetime = AT) -> Actor:
    """Return who the account is at a moment."""
    return identity.actor_for(User.objects.select_related("person").get(pk=user.pk), at=at)


@dataclass
class People:
    """The usual four and a stranger, with their accounts."""

    requester: User
    supervisor: User
    manager: User
    director: User
    executive: User
    outsider: User


def people() -> People:
    """Make one person per level."""
    return People(
        requester=account("requester", Role.OPERATIONS_SPECIALIST),
        supervisor=account("supervisor", Role.OPERATIONS_SUPERVISOR),
        manager=account("manager", Role.OPERATIONS_MANAGER),
        director=account("director", Role.OPERATIONS_DIRECTOR),
        executive=account("executive", Role.EXECUTIVE),
        outsider=account("outsider", Role.EDITOR),
    )


def submitted(user: User, *, at: datetime = AT, subject_id: int = 1, **changes: Any) -> RequestInfo:
    """Hand in a toy request."""
    return services.submit(
        flow=changes.pop("flow", "toy_price"),
        subject=("toys.change", subject_id),
        number=f"TOY-{subject_id}",
        title="Toys get cheaper",
        content=changes.pop("content", CONTENT),
        figures={**FIGURES, **changes.pop("figures", {})},
        actor=actor(user, at=at),
        at=at,
        **changes,
    )


@contextmanager
def refused_by(constraint: str) -> Iterator[None]:
    """Expect the database to refuse the block, by this rule, and undo it."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():  # noqa: PT012
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cause = caught.value.__cause__
    assert isinstance(cause, psycopg2.Error)
    assert cause.diag.constraint_name == constraint
