"""Sign final figures: one person prepares, another approves; who restates signs what changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import connection, transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.reports.asking import wanted
from ops.engines.reports.choices import SignatureKind, Standing
from ops.engines.reports.declarations import Declared
from ops.engines.reports.errors import AlreadySigned, NotReady, RunMissing
from ops.engines.reports.models import ReportEdition, ReportSignature


def sign(
    *,
    name: str,
    period: str,
    version: int,
    kind: str,
    actor: Actor,
    at: dt.datetime,
    params: Mapping[str, str] | None = None,
) -> None:
    """Put one's name under a final version; the signature cites its digest (FIN-7.4-02).

    Raises ReportUnknown, Forbidden (another position, or the person who prepared it), RunMissing,
    NotReady while figures may change, before they are prepared, or when nothing was restated,
    AlreadySigned.
    """
    asked = wanted(name=name, period=period, actor=actor, params=params)
    person_id = _signer(asked.declared, kind, actor)
    with transaction.atomic():
        _lock(asked.key)
        edition = ReportEdition.objects.filter(key=asked.key, version=version).first()
        if edition is None:
            raise RunMissing("reports.version_missing", _("There is no such version."))
        _check(edition, kind, person_id)
        ReportSignature.objects.create(
            edition=edition,
            kind=SignatureKind(kind),
            person_id=person_id,
            digest=edition.digest,
            differences_digest=edition.differences_digest,
            signed_at=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action=f"reports.{kind}",
            obj=("reports.reportedition", edition.pk),
            body={
                "report": name,
                "period": edition.period,
                "version": version,
                "digest": edition.digest,
                "differences": edition.differences_digest,
            },
        )


def roles_for(declared: Declared, kind: str) -> tuple[str, ...]:
    """Return the positions that sign a report as something; releasing is the approvers' too."""
    return declared.authors if kind == SignatureKind.PREPARED else declared.approvers


def _lock(key: str) -> None:
    """Let one signature at a time follow another; versions themselves are never locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sign:{key}"])


def _signer(declared: Declared, kind: str, actor: Actor) -> int:
    roles = roles_for(declared, SignatureKind(kind))
    if actor.person_id is None or not roles or not actor.holds(*roles):
        raise Forbidden("reports.not_signer", _("Your position does not sign this report so."))
    return actor.person_id


def _check(edition: ReportEdition, kind: str, person_id: int) -> None:
    if edition.standing == Standing.PROVISIONAL:
        raise NotReady("reports.provisional", _("Provisional figures may still change."))
    if kind == SignatureKind.RELEASED and edition.standing != Standing.RESTATED:
        raise NotReady("reports.not_restated", _("Nothing was restated."))
    said = {row.kind: row.person_id for row in ReportSignature.objects.filter(edition=edition)}
    if kind in said:
        raise AlreadySigned("reports.signed", _("This version is signed already."))
    if kind != SignatureKind.APPROVED:
        return
    if SignatureKind.PREPARED not in said:
        raise NotReady("reports.not_prepared", _("Nobody has prepared this version yet."))
    if said[SignatureKind.PREPARED] == person_id:
        raise Forbidden("reports.same_person", _("Who prepared figures does not approve them."))
