"""Ask one: what the trail says about a document, by its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from compliance.types import Answer, AskedRequest
from finance.selectors import vouchers
from ops.engines.approvals import selectors as approvals
from ops.engines.approvals.flows import flow_named
from ops.engines.approvals.models import Request
from ops.engines.audit import selectors as audit
from ops.engines.audit.leaves import leaf_of
from ops.engines.audit.models import Fact
from ops.engines.desk import approving, finding
from ops.engines.kernel.actor import Actor

MOST_REQUESTS = 10
MOST_FACTS = 60


def ask(*, number: str, actor: Actor) -> Answer:
    """Return who asked, what figures were shown, who decided, and what followed, under a number.

    Records found by the search are limited to what the actor may see.
    """
    typed = number.strip()[:64]
    rows = list(Request.objects.filter(number__iexact=typed).order_by("pk")[:MOST_REQUESTS])
    decided = approvals.decisions_of(request_ids=[row.pk for row in rows])
    subjects = dict.fromkeys((row.subject_type, row.subject_id) for row in rows)
    facts: list[dict[str, Any]] = [
        {"at": e.at, "who": e.actor_name, "action": e.action, "fact": e.fact_id, "object": kind}
        for kind, key in subjects
        for e in audit.timeline(object_type=kind, object_id=key, limit=MOST_FACTS)
        if e.action
    ]
    facts.sort(key=lambda each: (each["at"], each["fact"] or 0))
    held = _held([each["fact"] for each in facts if each["fact"]])
    for each in facts:
        each["holds"] = held.get(each["fact"])
    found = [
        (str(group.title), str(hit.title), hit.href)
        for group in (finding.find(typed, actor=actor) if typed else ())
        for hit in group.hits
        if hit.is_exact
    ]
    return Answer(
        number=typed,
        requests=[_asked(row, decided.get(row.pk, ())) for row in rows],
        facts=facts,
        found=found,
        vouchers=vouchers.standing_on(
            documents=[(kind, str(key)) for kind, key in subjects],
            approval_ids=[row.pk for row in rows],
        ),
    )


def _held(fact_ids: Sequence[int]) -> dict[int, bool]:
    """Return for each fact whether its content still gives the hash it was kept under."""
    rows = Fact.objects.filter(pk__in=fact_ids)
    return {row.pk: leaf_of(row) == bytes(row.leaf) for row in rows}


def _asked(row: Request, decisions: Sequence[Any]) -> AskedRequest:
    return AskedRequest(
        request_id=row.pk,
        flow_title=str(flow_named(row.flow).title),
        title=row.title,
        state=row.state,
        requester_name=row.requester_name,
        submitted_at=row.submitted_at,
        content_hash=row.content_hash,
        figures=_figures(row.figures),
        decisions=[
            {
                "who": each.person_name,
                "role": each.role,
                "verdict": each.verdict,
                "at": each.at,
                "opinion": each.opinion,
                "same_hash": each.content_hash == row.content_hash,
                "figures": _figures(each.figures),
            }
            for each in decisions
        ],
    )


def _figures(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(each.title), each.text) for each in approving.figures(figures)]
