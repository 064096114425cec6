"""A person vouches for a clause that no software keeps."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from compliance.errors import AttestationWrong
from compliance.models import Attestation
from compliance.selectors.clauses import clause_named
from ops.engines.audit import services as audit
from ops.engines.files import services as files
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.kernel.parse import business_day

SUBJECT = "compliance.clause"
LONGEST = timedelta(days=366)


def attest(
    *,
    code: str,
    statement: str,
    valid_until: date,
    evidence: tuple[str, bytes] | None,
    actor: Actor,
    at: datetime,
) -> int:
    """Record that a clause is kept by hand until a day at most a year away; return the entry's id.

    `evidence` is the paper it rests on: its file name and bytes.
    Raises ClauseMissing, AttestationWrong (words, days, no evidence), what the files engine
    refuses, Forbidden for a machine: only a person can vouch.
    """
    if actor.person_id is None:
        raise Forbidden("compliance.person_needed", _("Only a person can vouch for a clause."))
    today = business_day(at)
    if not statement.strip():
        raise AttestationWrong(
            "compliance.statement_missing", _("Say how the clause is kept and who checks it.")
        )
    if not today <= valid_until <= today + LONGEST:
        raise AttestationWrong(
            "compliance.attestation_span", _("An attestation holds from today for at most a year.")
        )
    if evidence is None:
        raise AttestationWrong(
            "compliance.evidence_missing", _("Add the paper your statement rests on.")
        )
    with transaction.atomic():
        clause = clause_named(code)
        paper = files.store(
            object_type=SUBJECT,
            object_id=clause.code,
            name=evidence[0],
            data=evidence[1],
            actor=actor,
            at=at,
        )
        made = Attestation.objects.create(
            clause=clause,
            person_id=actor.person_id,
            statement=statement.strip(),
            attested_on=today,
            valid_until=valid_until,
            at=at,
            evidence_id=paper.id,
        )
        audit.record(
            actor=actor,
            at=at,
            action="compliance.clause_attested",
            obj=("compliance.clause", clause.pk),
            body={
                "clause": code,
                "statement": made.statement,
                "valid_until": valid_until,
                "evidence": paper.id,
                "sha256": paper.sha256,
            },
        )
    return made.pk
