"""Saying that figures were read: by those a report is addressed to, once, for good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.notices import services as notices
from ops.engines.reports.asking import wanted
from ops.engines.reports.choices import Standing
from ops.engines.reports.errors import NotReady, RunMissing
from ops.engines.reports.models import ReportConfirmation, ReportEdition
from ops.engines.reports.services.telling import subject_of


def confirm(
    *,
    name: str,
    period: str,
    version: int,
    actor: Actor,
    at: dt.datetime,
    params: Mapping[str, str] | None = None,
) -> None:
    """Keep that a person read a final version; saying it twice changes nothing.

    Raises ReportUnknown, Forbidden (not addressed to the actor), RunMissing, NotReady while the
    figures may still change.
    """
    asked = wanted(name=name, period=period, actor=actor, params=params)
    if actor.person_id is None or not actor.holds(*asked.declared.audience):
        raise Forbidden(
            "reports.not_addressed", _("Only those the report is addressed to confirm it.")
        )
    with transaction.atomic():
        edition = ReportEdition.objects.filter(key=asked.key, version=version).first()
        if edition is None:
            raise RunMissing("reports.version_missing", _("There is no such version."))
        if edition.standing == Standing.PROVISIONAL:
            raise NotReady("reports.provisional", _("Provisional figures may still change."))
        _said, is_new = ReportConfirmation.objects.get_or_create(
            edition=edition, person_id=actor.person_id, defaults={"confirmed_at": at}
        )
        if is_new:
            notices.settle(subject=subject_of(edition), at=at, person_ids=[actor.person_id])
            audit.record(
                actor=actor,
                at=at,
                action="reports.confirmed",
                obj=("reports.reportedition", edition.pk),
                body={
                    "report": name,
                    "period": edition.period,
                    "version": version,
                    "digest": edition.digest,
                },
            )
