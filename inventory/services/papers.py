"""Refusing goods whose papers are incomplete, and telling those who must know (SCM-2.2-04)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from inventory.errors import PapersIncomplete
from inventory.models import RefusedIssue, Shipment
from ops.engines.audit import services as audit
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind

TOLD = (Role.OPERATIONS_DIRECTOR, Role.STORE_MANAGER)
_TITLE = gettext_noop("Issue of %(number)s refused: papers incomplete")


@contextmanager
def refused_issues(*, shipment_id: int, step: str, actor: Actor, at: datetime) -> Iterator[None]:
    """Write down a refusal for missing papers after the refused work is undone, then pass it on.

    The record stands when the caller is in no transaction of its own, as at every door.
    """
    try:
        yield
    except PapersIncomplete as refusal:
        _record(shipment_id, step, refusal.code, actor=actor, at=at)
        raise


def _record(shipment_id: int, step: str, missing: str, *, actor: Actor, at: datetime) -> None:
    with transaction.atomic():
        shipment = Shipment.objects.get(pk=shipment_id)
        row = RefusedIssue.objects.create(
            shipment=shipment, step=step, missing=missing, person_id=actor.person_id, at=at
        )
        audit.record(
            actor=actor,
            at=at,
            action="inventory.issue_refused",
            obj=("inventory.shipment", shipment_id),
            body={"step": step, "missing": missing, "refusal": row.pk},
        )
        for role in TOLD:
            notices.notify(
                kind=NoticeKind.ACT,
                title=_TITLE,
                params={"number": shipment.number},
                subject=f"inventory.shipment:{shipment_id}",
                role=role,
                area="inventory",
                scope=("warehouse", shipment.warehouse_id),
                effect_key=f"inventory.refusedissue:{row.pk}",
                is_alarm=True,
                actor=actor,
                at=at,
            )
