"""S5: a report of costs is nobody's who may not read costs, through any of its doors."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ops.engines.identity.choices import Role
from ops.engines.identity.models import Person
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.errors import Forbidden
from ops.engines.kernel.policy import may
from ops.engines.reports import selectors, services
from ops.engines.reports.declarations import report
from ops.engines.reports.types import ReportQuery, Rows
from ops.engines.tables.writer import Column
from tests.engines.reports.conftest import AT, SYSTEM

NAME, MONTH = "toy_costs", "2026-10"
pytestmark = pytest.mark.django_db


@pytest.fixture
def run_id() -> int:
    """Make a file of a report whose column sounds like a cost."""

    @report(
        NAME,
        title="成本",
        columns=(Column("sku", "商品编码"), Column("unit_cost", "成本", "money")),
        policy=may("inventory", "E"),
        undrilled="a toy has no rows behind it",
    )
    def toy_costs(query: ReportQuery) -> Rows:
        return [("A-1", query.period.days)]

    return services.build(name=NAME, period=MONTH, fmt="csv", actor=SYSTEM, at=AT).run_id


def person(name: str, *roles: str) -> Actor:
    """Return somebody who may take files of the warehouse."""
    made = Person.objects.create(name=name)
    return Actor(
        kind=ActorKind.PERSON, name=name, person_id=made.pk, roles=frozenset(roles),
        rights={"inventory": frozenset("E")},
    )  # fmt: skip


DOORS: dict[str, Callable[[int, Actor], object]] = {
    "download": lambda run_id, who: services.download(run_id=run_id, actor=who, at=AT),
    "run": lambda run_id, who: selectors.run(run_id=run_id, actor=who),
    "runs": lambda _run, who: selectors.runs(name=NAME, actor=who),
    "page": lambda _run, who: selectors.page(name=NAME, period=MONTH, actor=who, at=AT),
    "editions": lambda _run, who: selectors.editions(name=NAME, period=MONTH, actor=who),
    "start": lambda _run, who: services.start(
        name=NAME, period=MONTH, fmt="json", actor=who, at=AT
    ),
    "subscribe": lambda _run, who: services.subscribe(name=NAME, wants=True, actor=who, at=AT),
}


@pytest.mark.parametrize("door", DOORS)
def test_who_may_not_read_costs_is_refused_at_every_door(run_id: int, door: str) -> None:
    seeing = person("赵敏", Role.FINANCE_OFFICER)
    blind = person("何静", Role.CUSTOMER_SERVICE_AGENT)

    with pytest.raises(Forbidden):
        DOORS[door](run_id, blind)

    DOORS[door](run_id, seeing)


def test_the_centre_does_not_name_it(run_id: int) -> None:
    seeing = person("赵敏", Role.FINANCE_OFFICER)
    blind = person("何静", Role.CUSTOMER_SERVICE_AGENT)

    assert run_id
    assert NAME in {row.name for row in selectors.centre(actor=seeing, at=AT)}
    assert NAME not in {row.name for row in selectors.centre(actor=blind, at=AT)}
