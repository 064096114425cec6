"""Content tasks: asked for, taken, handed in, reviewed, released (CAT-4.3-11, CAT-4.3-12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser

from catalog.api.fields import RefField, channel_id_of
from catalog.choices.content_tasks import About, ContentKind, Material
from catalog.choices.listings import Angle
from catalog.models import ContentTask
from catalog.selectors import content_tasks as selectors
from catalog.services import content_tasks as services
from catalog.types.content_tasks import Brief
from ops.engines.http import filters
from ops.engines.http.doors import DoorViewSet, Sent, Step
from ops.engines.http.serializers import (
    CodeField,
    FlagField,
    IdField,
    MomentField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
    WordField,
)
from ops.engines.kernel.policy import may

MOST_FILE = 20 * 1024 * 1024


class BriefSerializer(StrictSerializer):
    """What is to be made; width and height in pixels, of a design only."""

    title = StrictCharField(max_length=120)
    purpose = StrictCharField(max_length=400)
    due_at = MomentField()
    words = StrictCharField(max_length=4000, required=False, allow_blank=True, lines=True)
    width = QuantityField(required=False, allow_null=True)
    height = QuantityField(required=False, allow_null=True)


class TaskPlanSerializer(StrictSerializer):
    """A task, about which thing; the channel is needed for page module types alone."""

    kind = WordField(choices=ContentKind.choices)
    about = WordField(choices=About.choices)
    about_id = IdField()
    channel = RefField(required=False)
    material = WordField(choices=Material.choices, required=False)
    brief = BriefSerializer()
    person = IdField(required=False, allow_null=True)


class TaskAssignSerializer(StrictSerializer):
    """Who works on the task, and its brief where that changes."""

    person = IdField()
    brief = BriefSerializer(required=False)


class TaskVersionSerializer(StrictSerializer):
    """A version, sent as a form: words, a file, or nothing for the draft one has open."""

    text = StrictCharField(max_length=20_000, required=False, allow_blank=True, lines=True)
    file = serializers.FileField(required=False)
    note = StrictCharField(required=False, allow_blank=True)


class TaskReasonSerializer(StrictSerializer):
    """Why."""

    reason = StrictCharField(max_length=400)


class TaskApprovalSerializer(StrictSerializer):
    """A word beside the approval."""

    note = StrictCharField(max_length=400, required=False, allow_blank=True)


class TaskReleaseSerializer(StrictSerializer):
    """The angle a design takes among the pictures of its listing."""

    angle = WordField(choices=Angle.choices, required=False)


class ContentStepSerializer(StrictSerializer):
    """One line of a task's log."""

    no = QuantityField()
    before = CodeField()
    step = CodeField()
    at = MomentField()
    note = StrictCharField()


class ContentVersionSerializer(StrictSerializer):
    """One version; its file is read under `/files/`."""

    no = QuantityField()
    text = StrictCharField()
    file = IdField(source="file_id", allow_null=True)
    revision = IdField(source="revision_id", allow_null=True)
    width = QuantityField(allow_null=True)
    height = QuantityField(allow_null=True)
    note = StrictCharField()
    added_at = MomentField()


class ContentTaskSerializer(StrictSerializer):
    """A content task in a list."""

    id = IdField()
    number = CodeField()
    kind = CodeField()
    channel = IdField(source="channel_id")
    about = CodeField()
    about_id = serializers.SerializerMethodField()
    material = CodeField()
    title = StrictCharField()
    state = CodeField(source="step")
    person = IdField(allow_null=True)
    due_at = MomentField(allow_null=True)
    step_due_at = MomentField(allow_null=True)
    late = FlagField(source="is_late")

    def get_about_id(self, row: ContentTask) -> int | None:
        """Return the id of what it is about."""
        found: int | None = getattr(row, f"{row.about}_id")
        return found


class ContentTaskDetailSerializer(ContentTaskSerializer):
    """A content task with its brief, its log and what was made of it."""

    purpose = StrictCharField()
    words = StrictCharField()
    width = QuantityField(allow_null=True)
    height = QuantityField(allow_null=True)
    steps = serializers.SerializerMethodField()
    versions = serializers.SerializerMethodField()

    def get_steps(self, row: ContentTask) -> list[dict[str, Any]]:
        """Return the log, newest first."""
        return list(ContentStepSerializer(selectors.steps(task_id=row.pk), many=True).data)

    def get_versions(self, row: ContentTask) -> list[dict[str, Any]]:
        """Return the versions, newest first."""
        return list(ContentVersionSerializer(selectors.versions(task_id=row.pk), many=True).data)


def _planned(sent: Sent) -> Mapping[str, Any]:
    channel = sent.pop("channel", None)
    return {
        **{name: sent[name] for name in ("kind", "about", "about_id")},
        "channel_id": None if channel is None else channel_id_of(channel),
        "material": sent.get("material", ""),
        "brief": Brief(**sent["brief"]),
        "person_id": sent.get("person"),
    }


def _assigned(sent: Sent) -> Mapping[str, Any]:
    brief = sent.get("brief")
    return {"person_id": sent["person"], "brief": None if brief is None else Brief(**brief)}


def _version(sent: Sent) -> Mapping[str, Any]:
    upload = sent.pop("file", None)
    if upload is None:
        return sent
    return {**sent, "name": upload.name or "version", "data": upload.read()}


class ContentTaskViewSet(DoorViewSet):
    """Content tasks of the caller's channels."""

    serializer_class = ContentTaskSerializer
    detail_class = ContentTaskDetailSerializer
    filters = {
        "number": filters.exact("number"),
        "channel": filters.number("channel_id"),
        "kind": filters.exact("kind"),
        "state": filters.exact("step"),
        "person": filters.number("person"),
        "promotion": filters.number("promotion_id"),
        "listing": filters.number("listing_id"),
    }
    orderings = ("-id", "id")
    key = "task_id"
    read = may("catalog", "V")
    make = Step(
        run=services.plan,
        policy=services.LEAD,
        body=TaskPlanSerializer,
        given=_planned,
        title="Ask for something to be made; somebody is named at once, or later.",
    )
    steps = {
        "assign": Step(
            run=services.assign,
            policy=services.LEAD,
            body=TaskAssignSerializer,
            given=_assigned,
            title="Name who works on a task; naming somebody else begins anew.",
        ),
        "accept": Step(run=services.accept, policy=services.WORK, title="Take a design on."),
        "version": Step(
            run=services.hand_version,
            policy=services.WORK,
            body=TaskVersionSerializer,
            given=_version,
            parsers=(MultiPartParser,),
            most=MOST_FILE,
            title="Keep the next version of what a task makes.",
        ),
        "submit": Step(
            run=services.submit,
            policy=services.WORK,
            title="Hand the newest version in for review.",
        ),
        "send_back": Step(
            run=services.send_back,
            policy=services.LEAD,
            body=TaskReasonSerializer,
            title="Return what was handed in, with the reason.",
        ),
        "approve": Step(
            run=services.approve,
            policy=services.LEAD,
            body=TaskApprovalSerializer,
            title="Approve what was handed in, as a second person.",
        ),
        "release": Step(
            run=services.release,
            policy=services.WORK,
            body=TaskReleaseSerializer,
            title="Publish approved copy, or deliver an approved design for use.",
        ),
        "cancel": Step(
            run=services.cancel,
            policy=services.LEAD,
            body=TaskReasonSerializer,
            title="Call a task off, with the reason.",
        ),
    }

    def get_queryset(self) -> QuerySet[ContentTask]:
        """Return the tasks of the caller's channels, each with whether it is late."""
        return selectors.board(actor=self.actor, at=timezone.now())
