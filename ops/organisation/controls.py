"""What keeps the clauses of people and access, and when it last left a trace."""

from __future__ import annotations

from datetime import datetime

from ops.engines.audit import selectors as audit
from ops.engines.controls.declaring import control
from ops.organisation.models import AccessReview, AccessReviewLine


def _last_grant() -> datetime | None:
    return audit.newest_at(action="identity.position_given")


def _last_sign_in() -> datetime | None:
    return audit.newest_at(action="identity.signed_in")


def _last_review() -> datetime | None:
    newest = AccessReview.objects.order_by("-opened_at")
    return newest.values_list("opened_at", flat=True).first()


def _last_answer() -> datetime | None:
    answered = AccessReviewLine.objects.filter(decided_at__isnull=False).order_by("-decided_at")
    return answered.values_list("decided_at", flat=True).first()


control("GEN-1.2-04", "constraint", "assignment_duties_apart", _last_grant)
control("SYS-6.3-02", "job", "access_review_open", _last_review)
control("SYS-6.3-02", "report", "access_review", _last_answer)
control("SYS-6.3-03", "constraint", "identity_signintry", _last_sign_in)
control("FIN-7.3-07", "constraint", "assignment_administrators_apart", _last_grant)
control("FIN-7.3-07", "constraint", "dutyact_two_persons", _last_grant)
control("FIN-7.3-07", "report", "duty_conflicts", _last_grant)
