"""What a decision on a rule document does: publish it, give it back, end it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from ops.engines.approvals.types import RequestInfo
from ops.engines.audit import services as audit
from ops.engines.documents import rules
from ops.engines.documents.choices import VersionState
from ops.engines.documents.models import DocumentVersion
from ops.engines.documents.selectors.library import locked_document, version_of
from ops.engines.documents.services.switching import end, make_effective
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day


def decided(request: RequestInfo, actor: Actor, at: dt.datetime) -> None:
    """Publish the version, or end it, as the request asked; inside the deciding transaction."""
    with transaction.atomic():
        version = version_of(request.subject_id)
        locked_document(version.document.code)
        version.refresh_from_db()
        if request.content["action"] == "abolish":
            version.abolition_id = request.id
            end(version, VersionState.ABOLISHED, on=business_day(at), actor=actor, at=at)
            return
        _publish(version, request.id, actor, at)


def returned(request: RequestInfo, actor: Actor, at: dt.datetime) -> None:
    """Give a version back to its writer; an abolition that was refused changes nothing."""
    if request.content["action"] == "abolish":
        return
    with transaction.atomic():
        version = version_of(request.subject_id)
        locked_document(version.document.code)
        version.state = VersionState.DRAFT
        version.save(update_fields=["state"])
        audit.record(
            actor=actor,
            at=at,
            action="documents.returned",
            obj=(rules.SUBJECT, version.pk),
            body={"document": version.document.code, "version": version.number},
        )


def _publish(version: DocumentVersion, request_id: int, actor: Actor, at: dt.datetime) -> None:
    """Note the approval; a version decided after its day begins today, never earlier."""
    version.approval_id, version.published_at = request_id, at
    version.effective_on = max(version.effective_on, business_day(at))
    version.review_on = rules.review_day(version.effective_on, version.document.review_months)
    version.state = VersionState.APPROVED
    version.save(update_fields=["approval", "published_at", "effective_on", "review_on", "state"])
    audit.record(
        actor=actor,
        at=at,
        action="documents.published",
        obj=(rules.SUBJECT, version.pk),
        body={
            "document": version.document.code,
            "version": version.number,
            "digest": version.digest,
            "request": request_id,
            "effective_on": version.effective_on,
        },
    )
    if version.effective_on <= business_day(at):
        make_effective(version, actor=actor, at=at)
