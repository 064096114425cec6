"""Sheets, the answers on them, the hands under them, the cases they raise."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ops.engines.sheets.choices import UNSIGNED, CaseState, SheetState
from ops.engines.sheets.models.templates import Template, TemplateVersion


class Sheet(models.Model):
    """One sheet of one template, about one place and one period.

    It keeps the version and the signers it was opened with. `round` rises when the second hand
    sends it back. A trigger watches the states.
    """

    number = models.CharField(_("number"), max_length=24, unique=True)
    template = models.ForeignKey(
        Template, models.PROTECT, related_name="sheets", verbose_name=_("sheet template")
    )
    version = models.ForeignKey(
        TemplateVersion, models.PROTECT, related_name="sheets", verbose_name=_("version")
    )
    scope_kind = models.CharField(_("kind of place"), max_length=20, blank=True)
    scope_id = models.BigIntegerField(_("place"), null=True, blank=True)
    period = models.CharField(_("period"), max_length=24)
    signers = models.JSONField(_("signers"))
    items_total = models.PositiveSmallIntegerField(_("items"))
    items_done = models.PositiveSmallIntegerField(_("items filled in"), default=0)
    state = models.CharField(_("state"), max_length=8, choices=SheetState, default=SheetState.OPEN)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    opened_at = models.DateTimeField(_("opened"))
    due_at = models.DateTimeField(_("due"))
    overdue_told_at = models.DateTimeField(_("told that it is overdue"), null=True, blank=True)
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    content_hash = models.CharField(_("content hash"), max_length=64, blank=True)
    returned_reason = models.CharField(_("why it was sent back"), max_length=500, blank=True)
    void_reason = models.CharField(_("why it is void"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("sheet")
        verbose_name_plural = _("sheets")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="sheet_once_per_period",
                fields=["template", "scope_kind", "scope_id", "period"],
                condition=~Q(state=SheetState.VOID),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="sheet_state_known", condition=Q(state__in=SheetState.values)
            ),
            models.CheckConstraint(
                name="sheet_scope_whole",
                condition=Q(scope_kind="", scope_id__isnull=True)
                | (~Q(scope_kind="") & Q(scope_id__isnull=False)),
            ),
            models.CheckConstraint(
                name="sheet_signed_with_hash",
                condition=Q(state__in=[SheetState.SIGNED, SheetState.CLOSED])
                & Q(signed_at__isnull=False)
                & ~Q(content_hash="")
                | Q(state__in=[*UNSIGNED, SheetState.VOID], signed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="sheet_void_has_reason",
                condition=~Q(state=SheetState.VOID) | ~Q(void_reason=""),
            ),
            models.CheckConstraint(
                name="sheet_done_within_total", condition=Q(items_done__lte=F("items_total"))
            ),
        ]
        indexes = [
            models.Index(name="sheet_by_scope", fields=["scope_kind", "scope_id", "-id"]),
            models.Index(name="sheet_by_template", fields=["template", "-signed_at"]),
            models.Index(
                name="sheet_waiting", fields=["due_at"], condition=Q(state__in=[*UNSIGNED])
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Answer(models.Model):
    """One answer to one item; a later one of the same item replaces it, nothing is erased."""

    sheet = models.ForeignKey(
        Sheet, models.PROTECT, related_name="answers", verbose_name=_("sheet")
    )
    item = models.CharField(_("item"), max_length=40)
    client_key = models.UUIDField(_("key of the device's entry"))
    value = models.JSONField(_("value"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    is_abnormal = models.BooleanField(_("abnormal"), default=False)
    person = models.ForeignKey(
        "identity.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    entered_at = models.DateTimeField(_("entered on the device"), null=True, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="answer_once_per_entry", fields=["sheet", "client_key"]),
            models.CheckConstraint(
                name="answer_abnormal_has_note",
                condition=Q(is_abnormal=False) | ~Q(note="") & Q(value__isnull=False),
            ),
        ]
        indexes = [models.Index(name="answer_newest", fields=["sheet", "item", "-id"])]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.item}"


class Signature(models.Model):
    """One hand: who, in which position, when, under which entries."""

    sheet = models.ForeignKey(
        Sheet, models.PROTECT, related_name="signatures", verbose_name=_("sheet")
    )
    round = models.PositiveSmallIntegerField(_("round"))
    step = models.PositiveSmallIntegerField(_("step"))
    role = models.CharField(_("position"), max_length=40)
    person = models.ForeignKey(
        "identity.Person", models.PROTECT, related_name="+", verbose_name=_("person")
    )
    content_hash = models.CharField(_("content hash"), max_length=64)
    session = models.CharField(_("session"), max_length=64, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                name="signature_once_per_step", fields=["sheet", "round", "step"]
            ),
            models.UniqueConstraint(
                name="signature_two_persons", fields=["sheet", "round", "person"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.role}"


class Draw(models.Model):
    """A drawn sample: the seed, what it was drawn from, and what was drawn."""

    sheet = models.OneToOneField(
        Sheet, models.PROTECT, related_name="draw", verbose_name=_("sheet")
    )
    seed = models.CharField(_("seed"), max_length=64)
    population = models.PositiveIntegerField(_("population"))
    population_hash = models.CharField(_("hash of the population"), max_length=64)
    population_at = models.DateTimeField(_("population as of"))
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("to"))
    size = models.PositiveIntegerField(_("sample size"))
    chosen = models.JSONField(_("chosen"))

    class Meta:
        verbose_name = _("drawn sample")
        verbose_name_plural = _("drawn samples")

    def __str__(self) -> str:
        return f"{self.sheet_id}: {self.size}/{self.population}"


class Case(models.Model):
    """One abnormal item: who owns it, why it happened, what was done, who looked at it."""

    number = models.CharField(_("number"), max_length=24, unique=True)
    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="cases", verbose_name=_("sheet"))
    item = models.CharField(_("item"), max_length=40)
    answer = models.ForeignKey(
        Answer, models.PROTECT, related_name="cases", verbose_name=_("answer")
    )
    found = models.CharField(_("what was found"), max_length=500)
    owner_role = models.CharField(_("owner"), max_length=40)
    state = models.CharField(_("state"), max_length=9, choices=CaseState, default=CaseState.OPEN)
    opened_at = models.DateTimeField(_("opened"))
    due_on = models.DateField(_("due on"))
    overdue_told_at = models.DateTimeField(_("told that it is overdue"), null=True, blank=True)
    cause = models.CharField(_("cause"), max_length=500, blank=True)
    remedy = models.CharField(_("what was done"), max_length=500, blank=True)
    remedied_by = models.ForeignKey(
        "identity.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("put right by"),
    )
    remedied_at = models.DateTimeField(_("put right"), null=True, blank=True)
    closing_note = models.CharField(_("closing note"), max_length=500, blank=True)
    closed_by = models.ForeignKey(
        "identity.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="case_once_per_item",
                fields=["sheet", "item"],
                condition=~Q(state=CaseState.WITHDRAWN),
            ),
            models.CheckConstraint(name="case_has_words", condition=~Q(found="")),
            models.CheckConstraint(
                name="case_remedied_with_cause",
                condition=Q(state__in=[CaseState.OPEN, CaseState.WITHDRAWN])
                | ~Q(cause="") & ~Q(remedy="") & Q(remedied_by__isnull=False),
            ),
            models.CheckConstraint(
                name="case_closed_by_another",
                condition=~Q(state=CaseState.CLOSED)
                | ~Q(closing_note="")
                & Q(closed_at__isnull=False)
                & Q(closed_by__isnull=False)
                & ~Q(closed_by=F("remedied_by")),
            ),
        ]
        indexes = [
            models.Index(
                name="case_unsettled",
                fields=["due_on"],
                condition=Q(state__in=[CaseState.OPEN, CaseState.REMEDIED]),
            )
        ]

    def __str__(self) -> str:
        return self.number
