"""What the engines keep by themselves: four eyes, separation of duties, the trail."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from ops.engines.approvals import signatures
from ops.engines.approvals.models import Decision
from ops.engines.audit import checking, selectors
from ops.engines.audit.models import Fact
from ops.engines.controls import control
from ops.engines.controls.verification import register


def _last_fact() -> datetime | None:
    return Fact.objects.order_by("-id").values_list("at", flat=True).first()


def _last_seal() -> datetime | None:
    newest = selectors.newest_anchor()
    return newest.sealed_at if newest else None


def _last_decision() -> datetime | None:
    newest: datetime | None = Decision.objects.aggregate(at=Max("at"))["at"]
    return newest


control("FIN-7.3-07", "constraint", "decision_by_another_person", _last_decision)
control("FIN-7.3-07", "constraint", "assignment_separation", _last_decision)
control("SYS-6.3-09", "constraint", "audit_fact_append_only", _last_fact)
control("SYS-6.3-09", "job", "audit_seal", _last_seal)
control("SYS-6.3-02", "policy", "nothing_undeclared")
register("audit", checking.differences)
register("audit", signatures.differences)
