"""Wanting to be told of a report, or not, whatever one's position says."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.reports.asking import require, scopes_of
from ops.engines.reports.declarations import report_named
from ops.engines.reports.models import ReportSubscription


def subscribe(*, name: str, wants: bool, actor: Actor, at: dt.datetime) -> None:
    """Keep whether the actor wants to be told when the schedule makes a report.

    Ending it does not end the duty to confirm final figures. Raises ReportUnknown, Forbidden.
    """
    declared = report_named(name)
    require(declared, actor)
    scopes_of(declared, actor)
    if actor.person_id is None:
        raise Forbidden("reports.person_needed", _("Only a person subscribes to reports."))
    with transaction.atomic():
        ReportSubscription.objects.update_or_create(
            name=name, person_id=actor.person_id, defaults={"wants": wants, "at": at}
        )
        audit.record(
            actor=actor,
            at=at,
            action="reports.subscribed" if wants else "reports.unsubscribed",
            obj=("identity.person", actor.person_id),
            body={"report": name},
        )
