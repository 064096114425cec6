"""Words of the compliance app."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClauseState(models.TextChoices):
    """How well a clause is kept, in the words of the contract."""

    ENFORCED = "enforced", _("enforced")
    EVIDENCED = "evidenced", _("with evidence")
    ATTESTED = "attested", _("attested by a person")
    MISSING = "missing", _("missing")


class ClauseKind(models.TextChoices):
    """What sort of demand a clause is."""

    APPROVAL = "approval", _("approval")
    CHECK = "check", _("check")
    PERMISSION = "permission", _("permission")
    POLICY_TEXT = "policy text", _("policy text")
    RECORD = "record", _("record")
    REPORT = "report", _("report")
    SCHEDULED_JOB = "scheduled job", _("scheduled job")
    WORKFLOW = "workflow", _("workflow")


class Basis(models.TextChoices):
    """What a clause rests on in the source documents."""

    TEXT = "text", _("the text itself")
    HEADING = "heading", _("a heading only")
    READING = "reading", _("our reading of several passages")


class ItemKind(models.TextChoices):
    """Lists of the register beside the clauses."""

    JOB = "job", _("job")
    APPROVAL = "approval", _("approval flow")
    REPORT = "report", _("report")
    ROLE = "role", _("role")
    DOCUMENT = "document", _("source document")


class Outcome(models.TextChoices):
    """How a test that proves a clause ended."""

    PASSED = "passed", _("passed")
    FAILED = "failed", _("failed")
    SKIPPED = "skipped", _("skipped")
    NOT_RUN = "not run", _("not run at this version")


CHAPTERS: Final = {
    "GEN": _("General rules"),
    "HR": _("Positions and performance"),
    "SCM": _("Supply chain"),
    "CRM": _("Customer relations"),
    "CAT": _("Catalogue and price"),
    "MKT": _("Marketing"),
    "SYS": _("Systems and technology"),
    "FIN": _("Finance and audit"),
    "ANX": _("Annex"),
}
CONTROL_KINDS: Final = {
    "workflow": _("approval flow"),
    "job": _("job"),
    "constraint": _("database rule"),
    "record": _("record"),
    "report": _("report"),
    "policy": _("right"),
    "attestation": _("statement of a person"),
}
