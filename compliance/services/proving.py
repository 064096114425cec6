"""Handing out the proof of one document: one file another person can check without us."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db import transaction

from compliance.selectors import asking
from compliance.selectors.clauses import clause_named
from compliance.types import Answer, AskedRequest
from ops.engines.audit import services as audit
from ops.engines.audit.leaves import content_of
from ops.engines.audit.models import Fact
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import canonical_json


def export(*, code: str, number: str, actor: Actor, at: dt.datetime) -> bytes:
    """Return the proof of a document under a clause as canonical JSON; that it left is on record.

    Every fact carries its canonical content and its leaf: SHA-256 of a zero byte and the content.
    Raises ClauseMissing.
    """
    with transaction.atomic():
        clause = clause_named(code)
        answer = asking.ask(number=number, actor=actor)
        told = canonical_json(_plain(code, answer, at=at)).encode()
        audit.record(
            actor=actor,
            at=at,
            action="compliance.proof_exported",
            obj=("compliance.clause", clause.pk),
            body={
                "clause": code,
                "number": answer.number,
                "facts": len(answer.facts),
                "sha256": hashlib.sha256(told).hexdigest(),
            },
        )
    return told


def _plain(code: str, answer: Answer, *, at: dt.datetime) -> dict[str, Any]:
    ids = [fact["fact"] for fact in answer.facts if fact["fact"]]
    kept = Fact.objects.filter(pk__in=ids).order_by("pk")
    return {
        "clause": code,
        "number": answer.number,
        "exported_at": at,
        "requests": [_request(each) for each in answer.requests],
        "vouchers": [
            {"voucher": v.voucher, "business_day": v.business_day, "posted_at": v.posted_at}
            for v in answer.vouchers
        ],
        "facts": [
            {"id": row.pk, "content": content_of(row), "leaf": bytes(row.leaf).hex()}
            for row in kept
        ],
    }


def _request(asked: AskedRequest) -> dict[str, Any]:
    return {
        "id": asked.request_id,
        "title": asked.title,
        "state": asked.state,
        "requester": asked.requester_name,
        "submitted_at": asked.submitted_at,
        "content_hash": asked.content_hash,
        "figures": [list(pair) for pair in asked.figures],
        "decisions": [
            {**each, "figures": [list(pair) for pair in each["figures"]]}
            for each in asked.decisions
        ],
    }
