"""Scan the evidence of every clause and keep how each one stands."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from compliance.choices import Outcome
from compliance.models import ClauseStanding
from compliance.selectors import judging
from compliance.types import Judgement, Scan
from ops.engines.audit import services as audit
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind

_STALE = gettext_noop("Evidence is out of date")
_STALE_BODY = gettext_noop("%(count)s clauses have had no new evidence for too long: %(codes)s")
_KEEP = """
INSERT INTO compliance_clausestanding
       (clause_id, state, newest_at, is_stale, controls, passed, failed, not_run, scanned_at)
SELECT c.id, r.state, r.newest_at, r.is_stale, r.controls, r.passed, r.failed, r.not_run, %s
  FROM jsonb_to_recordset(%s::jsonb) AS r(
       code text, state text, newest_at timestamptz, is_stale boolean, controls smallint,
       passed smallint, failed smallint, not_run smallint)
  JOIN compliance_clause c ON c.code = r.code
    ON CONFLICT (clause_id) DO UPDATE
   SET state = excluded.state, newest_at = excluded.newest_at, is_stale = excluded.is_stale,
       controls = excluded.controls, passed = excluded.passed, failed = excluded.failed,
       not_run = excluded.not_run, scanned_at = excluded.scanned_at
"""


def scan(*, actor: Actor, at: datetime) -> Scan:
    """Judge every clause now, keep the result, and tell compliance what became stale (GEN-1.1-03).

    One statement writes all clauses. Scanning again at once tells nobody twice.
    """
    with transaction.atomic():
        before = set(
            ClauseStanding.objects.filter(is_stale=True).values_list("clause__code", flat=True)
        )
        judged = judging.judge(at=at)
        _keep(judged, at)
        stale = [each.code for each in judged if each.is_stale]
        fresh = tuple(code for code in stale if code not in before)
        by_state = dict(sorted(Counter(str(each.state) for each in judged).items()))
        if fresh:
            notices.notify(
                kind=NoticeKind.ACT,
                title=_STALE,
                body=_STALE_BODY,
                params={"count": len(fresh), "codes": ", ".join(fresh[:20])},
                link="/clauses/?tab=stale",
                subject=f"compliance.scan:{at.date().isoformat()}",
                role=Role.COMPLIANCE_OFFICER,
                actor=actor,
                at=at,
            )
        audit.record(
            actor=actor,
            at=at,
            action="compliance.evidence_scanned",
            body={"by_state": by_state, "stale": len(stale), "newly_stale": list(fresh)},
        )
    return Scan(len(judged), by_state, len(stale), fresh)


def _keep(judged: Sequence[Judgement], at: datetime) -> None:
    rows = [
        {
            "code": each.code,
            "state": each.state,
            "newest_at": each.newest.isoformat() if each.newest else None,
            "is_stale": each.is_stale,
            "controls": len(each.controls),
            "passed": each.count(Outcome.PASSED),
            "failed": each.count(Outcome.FAILED),
            "not_run": each.count(Outcome.NOT_RUN),
        }
        for each in judged
    ]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [at, json.dumps(rows)])
