"""Versioned content over HTTP: versions are read, drafted, handed in, taken back, brought back.

One door for every declared kind. Whoever is signed in may knock: what a kind lets its readers see
is listed, and only a kind that says `by_api` is written here. Decisions are taken at `approvals`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers

from ops.engines.http import filters
from ops.engines.http.doors import DoorViewSet, Edit, Sent, Step
from ops.engines.http.serializers import (
    CodeField,
    IdField,
    MomentField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
)
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.revisions import errors, selectors, services
from ops.engines.revisions.declarations import kinds
from ops.engines.revisions.models import Revision


class ContentSerializer(StrictSerializer):
    """The whole content of a version, why it is written, and from when it shall be live."""

    content = serializers.DictField()
    why = StrictCharField(max_length=400)
    publish_at = MomentField(required=False, allow_null=True)


class DraftSerializer(ContentSerializer):
    """The next version of what a kind knows about a subject."""

    kind = CodeField()
    subject = IdField()


class BackSerializer(StrictSerializer):
    """Why a former version comes back."""

    why = StrictCharField(max_length=400)


class FindingSerializer(StrictSerializer):
    """One thing the checks found; `stop` must be mended before the version is handed in."""

    field = CodeField()
    code = CodeField()
    words = StrictCharField()
    level = CodeField()


class RevisionSerializer(StrictSerializer):
    """One version in a list."""

    id = IdField()
    kind = CodeField(source="piece.kind_id")
    subject = IdField(source="piece.subject_id")
    version = QuantityField(source="no")
    why = StrictCharField()
    state = CodeField()
    parts = serializers.ListField(child=CodeField())
    publish_at = MomentField(allow_null=True)
    drafted_by = QuantityField()
    drafted_at = MomentField()
    submitted_at = MomentField(allow_null=True)
    approval = IdField(source="approval_id", allow_null=True)


class RevisionDetailSerializer(RevisionSerializer):
    """One version with its content, what was found in it, and when it was live.

    Of a draft the checks are asked now; of what was handed in, the findings kept with it count.
    """

    content = serializers.DictField()
    content_hash = CodeField()
    findings = serializers.SerializerMethodField()
    live = serializers.SerializerMethodField()

    def get_findings(self, row: Revision) -> list[dict[str, Any]]:
        """Return what was, or is now, found."""
        found = selectors.info_of(revision_id=row.pk).findings
        if found is None:
            found = selectors.findings(revision_id=row.pk, at=timezone.now())
        lines = [
            {"field": one.field, "code": one.code, "words": str(one.words), "level": one.level}
            for one in found
        ]
        return list(FindingSerializer(lines, many=True).data)

    def get_live(self, row: Revision) -> list[dict[str, Any]]:
        """Return the stretches of time in which it is, was or will be live."""
        return [
            {"how": one.how, "since": plain(one.since), "until": plain(one.until), "why": one.why}
            for one in selectors.spans(revision_id=row.pk)
        ]


def _drafted(sent: Sent) -> Mapping[str, Any]:
    kind, subject = sent.pop("kind"), sent.pop("subject")
    _require_open(kind)
    return {**sent, "kind": kind, "subject_id": subject}


def _written(row: Revision) -> Mapping[str, Any]:
    _require_open(row.piece.kind_id)
    return {"revision_id": row.pk}


def _require_open(kind: str) -> None:
    """Refuse kinds nobody declared, and those that are written elsewhere."""
    declared = kinds().get(kind)
    if declared is None:
        raise errors.RevisionMissing
    if not declared.by_api:
        raise errors.OwnDoor


class RevisionViewSet(DoorViewSet):
    """Versions of the content the caller may read."""

    serializer_class = RevisionSerializer
    detail_class = RevisionDetailSerializer
    filters = {
        "kind": filters.exact("piece__kind"),
        "subject": filters.number("piece__subject_id"),
        "state": filters.exact("state"),
    }
    orderings = ("-id", "id")
    key = "revision_id"
    read = SIGNED_IN
    make = Step(
        run=services.draft,
        policy=SIGNED_IN,
        body=DraftSerializer,
        given=_drafted,
        title="Draft the next version of a piece of content; what is live stays live.",
    )
    edit = Edit(
        run=services.edit,
        policy=SIGNED_IN,
        body=ContentSerializer,
        of=lambda row: {**_written(row), "seen": row.content_hash},
        is_locked=False,
        before=lambda row: {
            "content": row.content,
            "why": row.why,
            "publish_at": row.publish_at,
        },
        title="Replace a draft.",
    )
    steps = {
        "submit": Step(
            run=services.submit,
            policy=SIGNED_IN,
            of=_written,
            title="Hand a draft in: its checks run, its deciders see what changes.",
        ),
        "withdraw": Step(
            run=services.withdraw,
            policy=SIGNED_IN,
            of=_written,
            title="Take a version back before the first decision.",
        ),
        "discard": Step(
            run=services.discard,
            policy=SIGNED_IN,
            of=_written,
            title="Drop a draft; it stays in the history.",
        ),
        "restore": Step(
            run=services.restore,
            policy=SIGNED_IN,
            body=BackSerializer,
            of=_written,
            title="Bring a formerly approved version back, under the approval it was given.",
        ),
    }

    def get_queryset(self) -> QuerySet[Revision]:
        """Return the versions of the kinds and subjects the caller may see."""
        return selectors.revisions(actor=self.actor)
