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

    Two more foreign keys, to (id, requester_person) and (id, content_hash) of the request, and one
    to the approver row are made by migration, so that a decision cannot cite what is not so.
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
    opinion = models.TextField(_("opinion"), blank=True)
    at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                name="decision_by_another_person",
                condition=~Q(decider_person=F("requester_person")),
            ),
            models.UniqueConstraint(name="decision_once_per_step", fields=["request", "step"]),
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
