"""How each clause stood at the last scan, and what people vouch for by hand."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from compliance.choices import ClauseState
from compliance.models.register import Clause


class ClauseStanding(models.Model):
    """What the newest evidence scan found of one clause; rewritten by each scan. PII: none."""

    clause = models.OneToOneField(
        Clause, models.CASCADE, related_name="standing", verbose_name=_("clause")
    )
    state = models.CharField(_("state"), max_length=9, choices=ClauseState)
    newest_at = models.DateTimeField(_("newest evidence"), null=True, blank=True)
    is_stale = models.BooleanField(_("older than its rhythm"), default=False)
    controls = models.PositiveSmallIntegerField(_("controls"), default=0)
    passed = models.PositiveSmallIntegerField(_("tests passed"), default=0)
    failed = models.PositiveSmallIntegerField(_("tests failed"), default=0)
    not_run = models.PositiveSmallIntegerField(_("tests not run"), default=0)
    scanned_at = models.DateTimeField(_("scanned at"))

    class Meta:
        verbose_name = _("standing of a clause")
        verbose_name_plural = _("standings of clauses")
        constraints = [
            models.CheckConstraint(
                name="clausestanding_state_known", condition=Q(state__in=ClauseState.values)
            ),
            models.CheckConstraint(
                name="clausestanding_enforced_was_tested",
                condition=~Q(state=ClauseState.ENFORCED)
                | Q(passed__gt=0, failed=0, controls__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clause_id}: {self.state}"


class Attestation(models.Model):
    """A person vouches that a clause is kept by hand, until a day. Append-only.

    PII: who vouched, kept with the trail.
    """

    clause = models.ForeignKey(
        Clause, models.PROTECT, related_name="attestations", verbose_name=_("clause")
    )
    person = models.ForeignKey(
        "identity.Person", models.PROTECT, related_name="+", verbose_name=_("attested by")
    )
    statement = models.TextField(_("statement"))
    attested_on = models.DateField(_("attested on"))
    valid_until = models.DateField(_("valid until"))
    at = models.DateTimeField(_("entered at"))
    evidence = models.ForeignKey(
        "files.Attachment",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("evidence"),
    )

    class Meta:
        verbose_name = _("attestation")
        verbose_name_plural = _("attestations")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(name="attestation_says_something", condition=~Q(statement="")),
            models.CheckConstraint(
                name="attestation_ends_after_it_begins",
                condition=Q(valid_until__gte=F("attested_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clause_id} {self.valid_until}"
