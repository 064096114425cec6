"""A toy sheet about departments and its people: nothing of a shop, all of a sheet."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from ops.engines.approvals import flows
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import Department, User
from ops.engines.jobs import declarations as jobs
from ops.engines.jobs.cadences import every, monthly
from ops.engines.kernel.actor import Actor
from ops.engines.sheets import selectors, services
from ops.engines.sheets import templates as registry
from ops.engines.sheets.declaring import (
    Sampling,
    by_job,
    choice,
    day,
    number,
    photo,
    sheet,
    signature,
    table,
    text,
    yes_no,
)
from ops.engines.sheets.due import days_after_opening
from ops.engines.sheets.types import Answered, Entry, SheetInfo
from tests.engines.identity import factories
from tests.engines.identity.factories import account

SYSTEM = Actor.system("tests")
AT = factories.AT
LATER = AT + timedelta(hours=1)
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
POPULATION = [f"record-{n}" for n in range(100)]
COLD = choice("cold", "冷库", [("good", "正常"), ("bad", "异常")], abnormal=["bad"])


def everywhere() -> list[int]:
    """Return the departments that get a sheet."""
    return list(Department.objects.order_by("pk").values_list("pk", flat=True))


def drawn_from(scope: int | None, first: date, last: date, at: datetime) -> list[str]:
    """Return what a sample is drawn from."""
    del scope, first, last, at
    return POPULATION


@contextmanager
def declared() -> Iterator[None]:
    """Declare the toys while the block runs."""
    tables: list[dict[str, Any]] = [registry._templates, flows._flows, jobs._jobs]
    kept = [dict(table) for table in tables]
    sheet(
        "toy_check",
        title="玩具检查",
        area="inventory",
        scope="department",
        scopes=everywhere,
        items=(
            yes_no("door", "门已锁"),
            number("heat", "温度", unit="℃", least="2", most="8"),
            COLD,
            text("words", "备注", required=False),
            photo("view", "照片", required=False),
            signature("there", "在场人", required=False),
            table("rows", "人员", [("name", "姓名"), ("job", "岗位")], required=False),
            day("when", "日期", required=False),
        ),
        signers=(Role.WAREHOUSE_KEEPER, Role.STORE_MANAGER),
        owner=Role.STORE_MANAGER,
        watchers=(Role.OPERATIONS_DIRECTOR,),
        opened=by_job("toy_open", "开玩具检查", monthly(day=1, at="07:00")),
        watched=by_job("toy_watch", "看玩具检查", every(minutes=5)),
        due=days_after_opening(5, "18:00"),
        sampling=Sampling(size=7, population=drawn_from),
        clauses=["SCM-2.2-10"],
    )
    sheet(
        "toy_alone",
        title="玩具独签",
        area="inventory",
        items=(yes_no("done", "做完"),),
        signers=(Role.WAREHOUSE_KEEPER,),
        owner=Role.STORE_MANAGER,
        due=days_after_opening(0, "18:00"),
    )
    try:
        yield
    finally:
        for each, held in zip(tables, kept, strict=True):
            each.clear()
            each.update(held)


@dataclass
class Team:
    """People by what they do here."""

    keeper: User
    second_keeper: User
    manager: User
    director: User
    auditor: User
    department: Department

    def actor(self, name: str) -> Actor:
        """Return who acts."""
        return identity.actor_for(getattr(self, name), at=AT)


def team() -> Team:
    """Make the people: both keepers work in one department, of two."""
    here = Department.objects.create(code="HZ", name="杭州仓")
    Department.objects.create(code="SH", name="上海仓")
    return Team(
        keeper=account("keeper", Role.WAREHOUSE_KEEPER, department_id=here.pk),
        second_keeper=account("keeper2", Role.WAREHOUSE_KEEPER, department_id=here.pk),
        manager=account("manager", Role.STORE_MANAGER),
        director=account("director", Role.OPERATIONS_DIRECTOR),
        auditor=account("auditor", Role.AUDITOR),
        department=here,
    )


def opened(people: Team, period: str = "2026-11") -> SheetInfo:
    """Open the toys of a month and return the sheet of the people's department."""
    made = services.open_sheets(
        template="toy_check", period=period, first=FIRST, last=LAST, actor=SYSTEM, at=AT
    )
    return next(each for each in made if each.scope_id == people.department.pk)


def entry(item: str, value: Any, note: str = "", **more: Any) -> Entry:
    """Return one entry with a key of its own."""
    return Entry(item=item, value=value, note=note, **{"client_key": uuid.uuid4()} | more)


def answer(sheet_: SheetInfo, actor: Actor, *entries: Entry, at: datetime = AT) -> Answered:
    """Take entries in."""
    return services.answer(sheet_id=sheet_.id, entries=entries, actor=actor, at=at)


def fill(sheet_: SheetInfo, actor: Actor) -> Answered:
    """Answer everything required, all normal."""
    return answer(sheet_, actor, entry("door", "yes"), entry("heat", "4.5"), entry("cold", "good"))


def sign(sheet_: SheetInfo, actor: Actor) -> SheetInfo:
    """Sign what stands there now."""
    return services.sign(
        sheet_id=sheet_.id,
        content_hash=selectors.content_hash(sheet_.id),
        actor=actor,
        at=LATER,
    )


@contextmanager
def refused_by(rule: str) -> Iterator[None]:
    """Assert that the database refuses by a named rule."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    assert caught.value.__cause__ is not None
    assert caught.value.__cause__.diag.constraint_name == rule  # type: ignore[attr-defined]


def run(statement: str, *values: Any) -> None:
    """Run a statement past every service."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
