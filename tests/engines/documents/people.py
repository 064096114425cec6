"""The people of the rule library, and a document made through the services."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from ops.engines.approvals import services as approvals
from ops.engines.approvals.types import RequestInfo
from ops.engines.documents import services
from ops.engines.documents.models import DocumentVersion
from ops.engines.documents.types import VersionInfo
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import Department
from ops.engines.kernel.actor import Actor
from tests.engines.identity.factories import AT, account

TODAY = dt.date(2026, 11, 21)


@dataclass(frozen=True)
class People:
    """Who writes, who decides, who reads."""

    department: int
    writer: Actor
    head: Actor
    compliance: Actor
    director: Actor
    keeper: Actor
    other_keeper: Actor


def people() -> People:
    """Make a department with its people."""
    department = Department.objects.create(code="WH", name="仓储部").pk

    def made(name: str, *roles: str, inside: bool = True) -> Actor:
        user = account(name, *roles, department_id=department if inside else None)
        return identity.actor_for(user, at=AT)

    return People(
        department=department,
        writer=made("writer", Role.STORE_MANAGER),
        head=made("head", Role.DEPARTMENT_HEAD),
        compliance=made("compliance", Role.COMPLIANCE_OFFICER, inside=False),
        director=made("director", Role.OPERATIONS_DIRECTOR, inside=False),
        keeper=made("keeper", Role.WAREHOUSE_KEEPER),
        other_keeper=made("other", Role.WAREHOUSE_KEEPER),
    )


def draft(who: People, *, code: str = "SOP-01", on: dt.date = TODAY, **more: Any) -> VersionInfo:
    """Draft the first version of a standard operating procedure for keepers."""
    given: dict[str, Any] = {
        "code": code,
        "title": "收货作业规程",
        "kind": "sop",
        "text": "一、核对送货单。\n二、当场清点。",
        "effective_on": on,
        "audience": [Role.WAREHOUSE_KEEPER],
        "department_id": who.department,
        "actor": who.writer,
        "at": AT,
    }
    return services.begin(**(given | more))


def decide(request: RequestInfo, *actors: Actor, at: dt.datetime = AT) -> None:
    """Let each approver agree in turn."""
    for actor in actors:
        approvals.approve(
            request_id=request.id, content_hash=request.content_hash, actor=actor, at=at
        )


def publish(who: People, version: VersionInfo, *, at: dt.datetime = AT) -> DocumentVersion:
    """Hand a version in and let head and compliance agree."""
    request = services.submit(version_id=version.id, actor=who.writer, at=at)
    decide(request, who.head, who.compliance, at=at)
    return DocumentVersion.objects.get(pk=version.id)
