"""Who may decide a step, who did, and what was asked back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, JSONField, Q
from django.utils.translation import gettext_lazy as _

from ops.engines.approvals.choices import Verdict
from ops.engines.approvals.models.requests import Request


class Approver(models.Model):
    """A person named for a step: on the day of submission, by escalation, or as a deputy."""

    request = models.ForeignKey(
        Request, models.PROTECT, related_name="approvers", verbose_name=_("request")
    )
    step = models.PositiveSmallIntegerField(_("step"))
    person = models.ForeignKey(
        "identity.Person", models.PROTECT, related_name="+", verbose_name=_("person")
    )
    role = models.CharField(_("position"), max_length=40)
    level = models.PositiveSmallIntegerField(_("level"), default=0)
    named_at = models.DateTimeField(_("named at"))

    class Meta:
        verbose_name = _("approver")
        verbose_name_plural = _("approvers")
        constraints = [
            models.UniqueConstraint(
                name="approver_named_once", fields=["request", "step", "person"]
            ),
        ]
        indexes = [models.Index(name="approver_inbox", fields=["person", "request"])]

    def __str__(self) -> str:
        return f"{self.request_id}/{self.step}: {self.person_id}"


class Decision(models.Model):
    """One verdict on one step: append-only, by another person, on exactly this content.

    Composite foreign keys to (id, requester_person) and (id, content_hash) of the request, to the
    approver row and to (id, person, payload hash) of the assertion are made by migration, so that
    a decision cannot cite what is not so. How many a step takes is kept by a trigger.
    """

    request = models.ForeignKey(
        Request, models.PROTECT, related_name="decisions", verbose_name=_("request")
    )
    step = models.PositiveSmallIntegerField(_("step"))
    verdict = models.CharField(_("verdict"), max_length=7, choices=Verdict)
    requester_person = models.ForeignKey(
        "identity.Person", models.PROTECT, related_name="+", verbose_name=_("requester")
    )
    decider_person = models.ForeignKey(
        "identity.Person", models.PROTECT, related_name="+", verbose_name=_("decider")
    )
    decider_user_id = models.BigIntegerField(_("decider's account"), null=True, blank=True)
    decider_name = models.CharField(_("decider's name"), max_length=120)
    role = models.CharField(_("position"), max_length=40)
    content_hash = models.CharField(_("content hash"), max_length=64)
    figures = JSONField(_("figures shown"))
    figures_now = JSONField(_("figures at the decision"), null=True, blank=True)
    opinion = models.TextField(_("opinion"), blank=True)
    at = models.DateTimeField(_("decided at"))
    deputy_for = models.ForeignKey(
        "identity.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("in the place of"),
    )
    assertion = models.OneToOneField(
        "identity.Assertion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("step-up assertion"),
    )

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                name="decision_by_another_person",
                condition=~Q(decider_person=F("requester_person")),
            ),
            models.CheckConstraint(
                name="decision_not_for_requester",
                condition=~Q(deputy_for=F("requester_person")) | Q(deputy_for__isnull=True),
            ),
            models.UniqueConstraint(
                name="decision_once_per_person", fields=["request", "decider_person"]
            ),
            models.CheckConstraint(
                name="decision_verdict_known", condition=Q(verdict__in=Verdict.values)
            ),
            models.CheckConstraint(
                name="decision_says_why",
                condition=Q(verdict=Verdict.APPROVE) | ~Q(opinion=""),
            ),
        ]
        indexes = [models.Index(name="decision_of_person", fields=["decider_person", "-id"])]

    def __str__(self) -> str:
        return f"{self.request_id}/{self.step}: {self.verdict}"


class Comment(models.Model):
    """A word in the thread of a request; it decides nothing and is never taken back."""

    request = models.ForeignKey(
        Request, models.PROTECT, related_name="comments", verbose_name=_("request")
    )
    person = models.ForeignKey(
        "identity.Person", models.PROTECT, related_name="+", verbose_name=_("person")
    )
    person_name = models.CharField(_("name"), max_length=120)
    at = models.DateTimeField(_("at"))
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(name="comment_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.text[:40]}"


class StepUpRule(models.Model):
    """What the database asks of a flow whatever its requests say; migrations of the owner write it.

    `ddl.require_step_up` is the only writer.
    """

    flow = models.CharField(_("flow"), max_length=64, primary_key=True)
    on_request = models.BooleanField(_("of the requester"), default=False)
    on_decision = models.BooleanField(_("of the decider"), default=True)

    class Meta:
        verbose_name = _("step-up rule")
        verbose_name_plural = _("step-up rules")

    def __str__(self) -> str:
        return self.flow


class Question(models.Model):
    """What an approver asked the requester, and the answer."""

    request = models.ForeignKey(
        Request, models.PROTECT, related_name="questions", verbose_name=_("request")
    )
    asked_by = models.ForeignKey(
        "identity.Person", models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_by_name = models.CharField(_("asked by name"), max_length=120)
    asked_at = models.DateTimeField(_("asked at"))
    question = models.TextField(_("question"))
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.request_id}: {self.question[:40]}"
