"""The request: fixed when handed in, closed once."""

from __future__ import annotations

from django.db import models
from django.db.models import JSONField, Q
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from ops.engines.approvals.choices import RequestKind, RequestState


class Request(models.Model):
    """What somebody asked for, with the figures shown, under one hash.

    `document` is the canonical text of content and figures; `content_hash` is its sha256 (the
    database checks that), and content and figures are read from it, so none of them can differ.
    Everything but the course (state, step, clocks) is immutable; a trigger refuses the rest.
    """

    flow = models.CharField(_("flow"), max_length=64)
    kind = models.CharField(
        _("kind"), max_length=8, choices=RequestKind, default=RequestKind.ORDINARY
    )
    subject_type = models.CharField(_("subject type"), max_length=64)
    subject_id = models.BigIntegerField(_("subject"))
    number = models.CharField(_("number"), max_length=64)
    title = models.CharField(_("title"), max_length=200)
    document = models.TextField(_("document"))
    content = models.GeneratedField(
        expression=KeyTransform("content", Cast("document", JSONField())),
        output_field=JSONField(_("content")),
        db_persist=True,
    )
    figures = models.GeneratedField(
        expression=KeyTransform("figures", Cast("document", JSONField())),
        output_field=JSONField(_("figures")),
        db_persist=True,
    )
    content_hash = models.CharField(_("content hash"), max_length=64)
    scope_ids = JSONField(_("scope"), default=dict)
    department = models.ForeignKey(
        "identity.Department",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )
    requester_person = models.ForeignKey(
        "identity.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requester"),
    )
    requester_user_id = models.BigIntegerField(_("requester's account"), null=True, blank=True)
    requester_name = models.CharField(_("requester's name"), max_length=120)
    submitted_at = models.DateTimeField(_("submitted at"))
    steps = JSONField(_("steps"))
    state = models.CharField(
        _("state"), max_length=9, choices=RequestState, default=RequestState.SUBMITTED
    )
    step = models.PositiveSmallIntegerField(_("current step"), default=0)
    level = models.PositiveSmallIntegerField(_("levels escalated"), default=0)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    escalate_at = models.DateTimeField(_("escalates at"), null=True, blank=True)
    paused_at = models.DateTimeField(_("clock stopped at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    barred_person_ids = JSONField(_("persons who may not decide"), default=list)
    counted_key = models.CharField(_("counted together by"), max_length=200, blank=True)
    counted_amount = models.DecimalField(
        _("amount counted"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    assertion = models.OneToOneField(
        "identity.Assertion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("step-up assertion"),
    )
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=_("replaces"),
    )

    class Meta:
        verbose_name = _("approval request")
        verbose_name_plural = _("approval requests")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(name="request_of_requester", fields=["id", "requester_person"]),
            models.UniqueConstraint(name="request_of_hash", fields=["id", "content_hash"]),
            models.UniqueConstraint(
                name="request_one_open_per_subject",
                fields=["flow", "subject_type", "subject_id"],
                condition=Q(state=RequestState.SUBMITTED),
            ),
            models.CheckConstraint(
                name="request_state_known", condition=Q(state__in=RequestState.values)
            ),
            models.CheckConstraint(
                name="request_opening_has_no_requester",
                condition=Q(
                    kind=RequestKind.OPENING,
                    state=RequestState.APPROVED,
                    requester_person__isnull=True,
                )
                | Q(kind=RequestKind.ORDINARY, requester_person__isnull=False),
            ),
            models.CheckConstraint(
                name="request_counts_by_key",
                condition=Q(counted_amount__isnull=True, counted_key="")
                | Q(counted_amount__isnull=False) & ~Q(counted_key=""),
            ),
            models.CheckConstraint(
                name="request_closed_when_decided",
                condition=Q(state=RequestState.SUBMITTED, closed_at__isnull=True)
                | (~Q(state=RequestState.SUBMITTED) & Q(closed_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                name="request_counted",
                fields=["flow", "counted_key", "submitted_at"],
                condition=~Q(counted_key=""),
            ),
            models.Index(name="request_subject", fields=["subject_type", "subject_id"]),
            models.Index(
                name="request_to_escalate",
                fields=["escalate_at"],
                condition=Q(state=RequestState.SUBMITTED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.title}"
