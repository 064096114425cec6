"""Scan the evidence of every clause and keep how each one stands."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from compliance import register, rules
from compliance.choices import Outcome
from compliance.models import ClauseStanding
from compliance.selectors import judging
from compliance.types import Judgement, Scan
from ops.engines.audit import services as audit
from ops.engines.controls import services as results
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind

_STALE = gettext_noop("Evidence of %(code)s is out of date: %(title)s")
# Everybody, machines and outsiders answer for nothing.
_NOBODY: Final = frozenset({"all_staff", "system", "seller", "buyer", "supplier"})
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

    One statement writes all clauses. A clause whose evidence is older than its rhythm is a task for
    the positions it names and for compliance, opened once for that silence and closed by the scan
    that finds new evidence.
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
        texts = {clause["id"]: clause for clause in register.read().clauses}
        results.keep(_results(judged, texts), at=at)
        _open_tasks(judged, texts, actor=actor, at=at)
        for code in before - set(stale):
            notices.settle(subject=_task(code), at=at)
        audit.record(
            actor=actor,
            at=at,
            action="compliance.evidence_scanned",
            body={"by_state": by_state, "stale": len(stale), "newly_stale": list(fresh)},
        )
    return Scan(len(judged), by_state, len(stale), fresh)


def _results(judged: Sequence[Judgement], texts: Mapping[str, Any]) -> Iterator[results.Result]:
    """Yield the newest evidence of every control, with the day until which it holds."""
    for each in judged:
        text = texts[each.code]
        silence = rules.longest_silence(text.get("cadence") or "")
        for control in each.controls:
            if control.newest is None:
                continue
            yield results.Result(
                clause=each.code,
                kind=str(control.kind),
                name=control.name,
                owner=", ".join(text.get("actors") or ()),
                reference=f"{control.kind}:{control.name}@{control.newest.isoformat()}",
                effective_from=control.newest,
                effective_until=control.newest + silence if silence else None,
            )


def _open_tasks(
    judged: Sequence[Judgement], texts: Mapping[str, Any], *, actor: Actor, at: datetime
) -> None:
    """Ask compliance and the owners of a stale clause for evidence, once for each silence."""
    for each in judged:
        if not each.is_stale or each.newest is None:
            continue
        for role in _owners(texts[each.code].get("actors") or ()):
            notices.notify(
                kind=NoticeKind.ACT,
                title=_STALE,
                params={"code": each.code, "title": texts[each.code]["title_zh"]},
                link=f"/clauses/{each.code}/",
                subject=_task(each.code),
                effect_key=f"{_task(each.code)}:{each.newest.isoformat()}",
                role=role,
                actor=actor,
                at=at,
            )


def _owners(actors: Sequence[str]) -> list[str]:
    """Return the positions that answer for a clause: compliance, and those it names."""
    named = {actor.lower().replace(" ", "_") for actor in actors}
    known = sorted(named & {str(role) for role in Role} - _NOBODY)
    return [str(Role.COMPLIANCE_OFFICER), *(r for r in known if r != Role.COMPLIANCE_OFFICER)]


def _task(code: str) -> str:
    return f"compliance.stale:{code}"


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
