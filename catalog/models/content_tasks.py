"""Content production: tasks, their steps, the versions made (CAT-4.3-11, CAT-4.3-12).

The log of steps is the truth; a task repeats the newest step so that it can be listed. Which step
may follow which is data the database refuses by; only the owner changes it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.content_tasks import About, ContentKind, Material, TaskStep
from catalog.models.listings import Listing
from catalog.models.pages import PageModule, ShopPage, TradeStep
from catalog.models.products import Channel
from catalog.models.promotions import Promotion


def _about_one() -> Q:
    """Return the condition that exactly the column a task says it is about is filled."""
    found = Q()
    for about in About.values:
        others = {f"{other}__isnull": True for other in About.values if other != about}
        found |= Q(about=about, **{f"{about}__isnull": False}, **others)
    return found


class ContentMove(models.Model):
    """One allowed move of one kind of task; written by migrations alone."""

    kind = models.CharField(_("kind"), max_length=8, choices=ContentKind)
    before = models.CharField(_("step before"), max_length=10, choices=TaskStep)
    after = models.CharField(_("step after"), max_length=10, choices=TaskStep)

    class Meta:
        verbose_name = _("move of content tasks")
        verbose_name_plural = _("moves of content tasks")
        constraints = [
            models.UniqueConstraint(name="contentmove_once", fields=["kind", "before", "after"])
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.before} > {self.after}"


class ContentTask(models.Model):
    """Something to be written or drawn, for one thing of one channel; the brief is part of it.

    `step`, `step_no`, `step_at`, `step_due_at` and `person` repeat the newest line of the log.
    """

    number = models.CharField(_("number"), max_length=32, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=ContentKind)
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    about = models.CharField(_("about"), max_length=10, choices=About)
    listing = models.ForeignKey(
        Listing, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("listing")
    )
    page = models.ForeignKey(
        ShopPage, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("shop page"),
    )  # fmt: skip
    trade_step = models.ForeignKey(
        TradeStep, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("trade step"),
    )  # fmt: skip
    module = models.ForeignKey(
        PageModule, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("page module type"),
    )  # fmt: skip
    promotion = models.ForeignKey(
        Promotion, models.PROTECT, null=True, blank=True, related_name="materials_made",
        verbose_name=_("promotion"),
    )  # fmt: skip
    material = models.CharField(
        _("material"), max_length=8, choices=Material, blank=True,
        help_text=_("What of the publicity of a promotion it is."),
    )  # fmt: skip
    title = models.CharField(_("title"), max_length=120)
    purpose = models.CharField(_("purpose"), max_length=400, blank=True)
    words = models.TextField(_("brief"), blank=True)
    width = models.PositiveIntegerField(_("width in pixels"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height in pixels"), null=True, blank=True)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    opened_by = models.BigIntegerField(_("opened by"), null=True)
    opened_at = models.DateTimeField(_("opened at"))
    step = models.CharField(_("step"), max_length=10, choices=TaskStep, default=TaskStep.WANTED)
    step_no = models.PositiveIntegerField(_("number of steps"), default=0)
    step_at = models.DateTimeField(_("since"))
    step_due_at = models.DateTimeField(_("next step due"), null=True, blank=True)
    person = models.BigIntegerField(_("worked on by"), null=True, blank=True)

    class Meta:
        verbose_name = _("content task")
        verbose_name_plural = _("content tasks")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="contenttask_words_known",
                condition=Q(
                    kind__in=ContentKind.values,
                    step__in=TaskStep.values,
                    material__in=["", *Material.values],
                )
                & ~Q(title=""),
            ),
            models.CheckConstraint(
                name="contenttask_about_one_thing",
                condition=_about_one(),
            ),
            models.CheckConstraint(
                name="contenttask_material_is_of_a_promotion",
                condition=Q(material="") | Q(about=About.PROMOTION),
            ),
            # HR-1.2-29: a brief names size, purpose and due date before anybody works by it.
            models.CheckConstraint(
                name="contenttask_brief_is_whole",
                condition=Q(step__in=[TaskStep.WANTED, TaskStep.CANCELLED])
                | (
                    ~Q(purpose="")
                    & Q(due_at__isnull=False)
                    & (
                        ~Q(kind=ContentKind.DESIGN)
                        | Q(width__isnull=False, height__isnull=False, width__gt=0, height__gt=0)
                    )
                ),
            ),
            models.CheckConstraint(
                name="contenttask_has_its_worker",
                condition=Q(step__in=[TaskStep.WANTED, TaskStep.CANCELLED])
                | Q(person__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="contenttask_of_person", fields=["person", "step"]),
            models.Index(name="contenttask_at_work", fields=["step", "id"]),
        ]

    def __str__(self) -> str:
        return self.number


class ContentVersion(models.Model):
    """One version of what a task makes: words, a file, or the draft of the thing itself.

    Rows only grow. A picture is measured in a confined child when it comes in.
    """

    task = models.ForeignKey(
        ContentTask, models.PROTECT, related_name="versions", verbose_name=_("content task")
    )
    no = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"), blank=True)
    file = models.ForeignKey(
        "files.Attachment", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("file"),
    )  # fmt: skip
    revision = models.ForeignKey(
        "revisions.Revision", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("version of the content"),
    )  # fmt: skip
    width = models.PositiveIntegerField(_("width in pixels"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height in pixels"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    added_by = models.BigIntegerField(_("added by"))
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("version of a content task")
        verbose_name_plural = _("versions of content tasks")
        ordering = ("task", "-no")
        constraints = [
            models.UniqueConstraint(name="contentversion_once", fields=["task", "no"]),
            models.CheckConstraint(
                name="contentversion_holds_something",
                condition=~Q(text="") | Q(file__isnull=False) | Q(revision__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} V{self.no}"


class ContentStep(models.Model):
    """One step a task took: who, when, why, by which version. Rows only grow."""

    task = models.ForeignKey(
        ContentTask, models.PROTECT, related_name="steps", verbose_name=_("content task")
    )
    no = models.PositiveIntegerField(_("number"))
    before = models.CharField(_("step before"), max_length=10, choices=TaskStep)
    step = models.CharField(_("step"), max_length=10, choices=TaskStep)
    person = models.BigIntegerField(_("worked on by"), null=True, blank=True)
    version = models.ForeignKey(
        ContentVersion, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("version"),
    )  # fmt: skip
    note = models.CharField(_("reason"), max_length=400, blank=True)
    done_by = models.BigIntegerField(_("done by"), null=True)
    at = models.DateTimeField(_("at"))
    due_at = models.DateTimeField(_("next step due"), null=True, blank=True)

    class Meta:
        verbose_name = _("step of a content task")
        verbose_name_plural = _("steps of content tasks")
        ordering = ("task", "no")
        constraints = [
            models.UniqueConstraint(name="contentstep_once", fields=["task", "no"]),
            models.CheckConstraint(
                name="contentstep_return_says_why",
                condition=~Q(step__in=[TaskStep.RETURNED, TaskStep.CANCELLED]) | ~Q(note=""),
            ),
        ]
        indexes = [models.Index(name="contentstep_by_time", fields=["step", "at"])]

    def __str__(self) -> str:
        return f"{self.task_id} {self.no}: {self.step}"
