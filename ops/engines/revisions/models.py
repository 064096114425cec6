"""Pieces of content, their versions, and when which version was live."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, JSONField, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from ops.engines.revisions.choices import OPEN, How, RevisionState


class Kind(models.Model):
    """A declared kind as the database knows it: whose approval lets its versions live.

    Written by migrations alone (`ddl.revised_kind`).
    """

    key = models.CharField(_("kind"), max_length=60, primary_key=True)
    flow = models.CharField(_("flow"), max_length=64)
    accepts = models.CharField(_("function that accepts content"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("kind of content")
        verbose_name_plural = _("kinds of content")
        ordering = ("key",)

    def __str__(self) -> str:
        return self.key


class Piece(models.Model):
    """One piece of content: a kind about a subject. Its row is the lock of all its versions."""

    kind = models.ForeignKey(
        Kind, models.PROTECT, related_name="+", verbose_name=_("kind of content"), db_index=False
    )
    subject_type = models.CharField(_("subject type"), max_length=64)
    subject_id = models.BigIntegerField(_("subject"))

    class Meta:
        verbose_name = _("piece of content")
        verbose_name_plural = _("pieces of content")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="piece_once_per_subject", fields=["kind", "subject_id", "subject_type"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind_id}: {self.subject_id}"


class Revision(models.Model):
    """One version: what was written, what was found in it, what was decided.

    `document` is the canonical text, `content_hash` its sha256 (the database checks that), and
    `content` is read from it. A trigger fixes all of it once the version is handed in.
    """

    piece = models.ForeignKey(
        Piece,
        models.PROTECT,
        related_name="revisions",
        verbose_name=_("piece of content"),
        db_index=False,
    )
    no = models.PositiveIntegerField(_("version"))
    document = models.TextField(_("document"))
    content = models.GeneratedField(
        expression=Cast("document", JSONField()),
        output_field=JSONField(_("content")),
        db_persist=True,
    )
    content_hash = models.CharField(_("content hash"), max_length=64)
    why = models.CharField(_("reason"), max_length=400)
    parts = JSONField(_("changed parts"), default=list)
    based_on = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("based on"),
        db_index=False,
    )
    publish_at = models.DateTimeField(_("to be published at"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=9, choices=RevisionState, default=RevisionState.DRAFT
    )
    findings = JSONField(_("findings"), null=True, blank=True)
    drafted_by = models.BigIntegerField(_("drafted by"))
    drafted_at = models.DateTimeField(_("drafted at"))
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
    )

    class Meta:
        verbose_name = _("version of content")
        verbose_name_plural = _("versions of content")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(name="revision_number_once", fields=["piece", "no"]),
            models.UniqueConstraint(name="revision_of_piece", fields=["id", "piece"]),
            models.UniqueConstraint(
                name="revision_one_open_per_piece",
                fields=["piece"],
                condition=Q(state__in=[*OPEN]),
            ),
            models.CheckConstraint(
                name="revision_state_known", condition=Q(state__in=RevisionState.values)
            ),
            models.CheckConstraint(name="revision_says_why", condition=~Q(why="")),
            models.CheckConstraint(
                name="revision_handed_in_whole",
                condition=Q(state=RevisionState.DRAFT)
                | Q(state=RevisionState.WITHDRAWN, approval__isnull=True)
                | Q(approval__isnull=False, submitted_at__isnull=False, findings__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.piece_id} v{self.no}"


class Publication(models.Model):
    """A stretch of time in which a version is live; half open, open-ended until it is followed.

    One that was called off before it began is empty and keeps the moment it was meant for.
    """

    piece = models.ForeignKey(
        Piece,
        models.PROTECT,
        related_name="publications",
        verbose_name=_("piece of content"),
        db_index=False,
    )
    revision = models.ForeignKey(
        Revision, models.PROTECT, related_name="publications", verbose_name=_("version")
    )
    approval = models.ForeignKey(
        "approvals.Request", models.PROTECT, related_name="+", verbose_name=_("approval")
    )
    how = models.CharField(_("how"), max_length=9, choices=How)
    since = models.DateTimeField(_("since"))
    during = DateTimeRangeField(_("live"), default_bounds="[)")
    why = models.CharField(_("reason"), max_length=400, blank=True)
    ended_why = models.CharField(_("why it ended"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ("id",)
        constraints = [
            ExclusionConstraint(
                name="publication_one_live_per_piece",
                expressions=[
                    ("piece", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(name="publication_how_known", condition=Q(how__in=How.values)),
            models.CheckConstraint(
                name="publication_starts_as_said",
                condition=Q(during__isempty=True) | Q(during__startswith=F("since")),
            ),
            models.CheckConstraint(
                name="publication_restored_says_why",
                condition=~Q(how=How.RESTORED) | ~Q(why=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision_id}: {self.during}"
