"""Documents and their versions: what is in force, what was in force on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from ops.engines.documents.choices import IN_FORCE, VersionState
from ops.engines.documents.errors import DocumentMissing
from ops.engines.documents.models import DocumentReading, DocumentVersion, RuleDocument
from ops.engines.documents.types import VersionInfo
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor


def library(*, actor: Actor) -> QuerySet[RuleDocument]:
    """Return every document with its version in force; `is_mine`, `is_unread` for this reader."""
    now = DocumentVersion.objects.filter(document=OuterRef("pk"), state=VersionState.EFFECTIVE)
    newest = DocumentVersion.objects.filter(document=OuterRef("pk")).order_by("-number")
    said = DocumentReading.objects.filter(
        version__document=OuterRef("pk"),
        version__state=VersionState.EFFECTIVE,
        person_id=actor.person_id or 0,
    )
    mine = addressed_to(actor)
    return (
        RuleDocument.objects.select_related("department", "owner")
        .annotate(
            in_force_id=Subquery(now.values("pk")[:1]),
            in_force_number=Subquery(now.values("number")[:1]),
            in_force_on=Subquery(now.values("effective_on")[:1]),
            review_due_on=Subquery(now.values("review_on")[:1]),
            newest_state=Subquery(newest.values("state")[:1]),
            newest_number=Subquery(newest.values("number")[:1]),
            is_said=Exists(said),
        )
        .annotate(is_unread=Q(in_force_id__isnull=False, is_said=False) & mine)
        .order_by("code")
    )


def addressed_to(actor: Actor) -> Q:
    """Return the condition that a document is addressed to one of the actor's roles."""
    roles = {str(role) for role in actor.roles} | {str(Role.ALL_STAFF)}
    condition: Q = Q(pk__in=[])
    for role in sorted(roles):
        condition |= Q(audience__contains=[role])
    return condition


def document_named(code: str) -> RuleDocument:
    """Return one document. Raises DocumentMissing."""
    found = RuleDocument.objects.select_related("department", "owner").filter(code=code).first()
    if found is None:
        raise DocumentMissing("documents.missing", _("There is no such rule document."))
    return found


def locked_document(code: str) -> RuleDocument:
    """Lock one document for a change of its versions. Raises DocumentMissing."""
    found = (
        RuleDocument.objects.select_for_update(of=("self",), no_key=True).filter(code=code).first()
    )
    if found is None:
        raise DocumentMissing("documents.missing", _("There is no such rule document."))
    return found


def version_of(version_id: int) -> DocumentVersion:
    """Return one version with its document. Raises DocumentMissing."""
    found = DocumentVersion.objects.select_related("document").filter(pk=version_id).first()
    if found is None:
        raise DocumentMissing("documents.version_missing", _("There is no such version."))
    return found


def versions(*, code: str) -> list[DocumentVersion]:
    """Return every version of a document, the newest first. Raises DocumentMissing."""
    document = document_named(code)
    rows = document.versions.select_related("document", "drafted_by", "approval")
    return list(rows.order_by("-number"))


def version_at(*, code: str, day: dt.date) -> VersionInfo:
    """Return the version in force on a day; raises DocumentMissing when none was.

    A case keeps the version it began with: it stores this version's id.
    """
    found = (
        DocumentVersion.objects.select_related("document")
        .filter(document__code=code, state__in=IN_FORCE, effective_on__lte=day)
        .filter(Q(ended_on__isnull=True) | Q(ended_on__gt=day))
        .first()
    )
    if found is None:
        raise DocumentMissing("documents.none_that_day", _("No version was in force that day."))
    return describe(found)


def in_force(*, codes: Collection[str]) -> dict[str, VersionInfo]:
    """Return the version in force of each document that has one, by code."""
    rows = DocumentVersion.objects.select_related("document").filter(
        document__code__in=codes, state=VersionState.EFFECTIVE
    )
    return {row.document.code: describe(row) for row in rows}


def reader_of_versions(*, person_id: int | None) -> QuerySet[DocumentReading]:
    """Return what a person confirmed."""
    rows = DocumentReading.objects.filter(person_id=person_id or 0)
    return rows.annotate(code=F("version__document__code")).order_by("-pk")


def describe(version: DocumentVersion) -> VersionInfo:
    """Return a version as plain values."""
    return VersionInfo(
        id=version.pk,
        document_id=version.document_id,
        code=version.document.code,
        title=version.document.title,
        number=version.number,
        state=version.state,
        digest=version.digest,
        effective_on=version.effective_on,
        expires_on=version.expires_on,
        approval_id=version.approval_id,
    )
