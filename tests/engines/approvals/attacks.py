"""Raw SQL by which somebody with the app's database role would approve what is their own (S2).

Each attack is a list of statements over one case; the last one must be refused, by the rule named.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ops.engines.approvals.flows import Flow
from ops.engines.approvals.types import RequestInfo
from ops.engines.identity.models import User

Statement = tuple[str, dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One open request of a flow, one approved one, another open one, and the people around.

    `proofs` are assertions by name: made by the auth role and still good, except where the name
    says what is wrong with them.
    """

    flow: Flow
    open: RequestInfo
    approved: RequestInfo
    other: RequestInfo
    requester: User
    twin: User
    decider: User
    role: str
    deputy: User
    outsider: User
    proofs: dict[str, int]


@dataclass(frozen=True)
class Attack:
    """One way in, and the rule that must close it; empty: the role lacks the privilege."""

    name: str
    rule: str
    make: Callable[[Case], Sequence[Statement]]


def decision(case: Case, decider: User, **changes: Any) -> Statement:
    """Return the insert of a decision on the open request, honest but for the changes."""
    asked = changes.pop("asked", case.open)
    opinion = bool(asked.steps) and asked.steps[0].opinion
    values = {
        "request_id": asked.id,
        "step": 0,
        "verdict": "opinion" if opinion else "approve",
        "requester_person_id": asked.requester_person_id,
        "decider_person_id": decider.person_id,
        "decider_user_id": decider.pk,
        "decider_name": "x",
        "role": case.role,
        "content_hash": asked.content_hash,
        "figures": json.dumps(dict(asked.figures)),
        "opinion": "seen",
        "at": asked.submitted_at,
        "deputy_for_id": None,
        "assertion_id": case.proofs["good"] if wants_proof(case) else None,
        **changes,
    }
    columns = ", ".join(values)
    marks = ", ".join(f"%({key})s" for key in values)
    return f"INSERT INTO approvals_decision ({columns}) VALUES ({marks})", values


def wants_proof(case: Case) -> bool:
    """Say whether the first step of the case is decided with a proof."""
    return case.open.steps[0].step_up


def named(case: Case, user: User, *, step: int = 0, asked: RequestInfo | None = None) -> Statement:
    """Return the insert that names somebody as approver."""
    return (
        (
            "INSERT INTO approvals_approver (request_id, step, person_id, role, level, named_at)"
            " VALUES (%(request)s, %(step)s, %(person)s, %(role)s, 0, now()) ON CONFLICT DO NOTHING"
        ),
        {
            "request": (asked or case.open).id,
            "step": step,
            "person": user.person_id,
            "role": case.role,
        },
    )


def update(case: Case, assignments: str, *, asked: RequestInfo | None = None) -> Statement:
    """Return an update of a request."""
    return (
        f"UPDATE approvals_request SET {assignments} WHERE id = %(id)s",
        {"id": (asked or case.open).id},
    )


def born(case: Case, **changes: Any) -> Statement:
    """Return the insert of a request in a colleague's name, honest but for the changes."""
    step = {"role": case.role, "area": case.flow.area, "opinion": False, "hours": 24}
    document = '{"content":{},"figures":{}}'
    values = {
        "flow": case.flow.key,
        "kind": "ordinary",
        "subject_type": "attack",
        "subject_id": case.open.id,
        "number": "n",
        "title": "t",
        "document": document,
        "scope_ids": "{}",
        "requester_person_id": case.requester.person_id,
        "requester_name": "x",
        "submitted_at": case.open.submitted_at,
        "steps": json.dumps([step]),
        "state": "submitted",
        "step": 0,
        "level": 0,
        "closed_at": None,
        "barred_person_ids": "[]",
        "counted_key": "",
        "assertion_id": None,
        "replaces_id": None,
        **changes,
    }
    columns = ", ".join(values)
    marks = ", ".join(f"%({key})s" for key in values)
    return (
        (
            f"INSERT INTO approvals_request ({columns}, content_hash)"
            f" VALUES ({marks}, encode(sha256(convert_to(%(document)s, 'UTF8')), 'hex'))"
        ),
        values,
    )


APPROVED = "state = 'approved', closed_at = now()"
FORGED = (
    "CREATE TEMP TABLE approvals_decision ON COMMIT DROP AS SELECT r.id AS request_id,"
    " r.content_hash, s.place - 1 AS step, 'approve' AS verdict, 1 AS decider_person_id"
    " FROM public.approvals_request r, jsonb_array_elements(r.steps) WITH ORDINALITY s(step, place)"
)

ATTACKS = (
    Attack("self", "decision_by_another_person",
           lambda c: [named(c, c.requester), decision(c, c.requester)]),
    Attack("second account", "decision_by_another_person",
           lambda c: [named(c, c.twin), decision(c, c.twin)]),
    Attack("deputy of the requester", "decision_by_holder",
           lambda c: [named(c, c.deputy), decision(c, c.deputy, assertion_id=proof(c, "deputy"))]),
    Attack("deputy, openly", "decision_not_for_requester",
           lambda c: [named(c, c.deputy),
                      decision(c, c.deputy, deputy_for_id=c.requester.person_id)]),
    Attack("another's requester", "decision_cites_requester",
           lambda c: [named(c, c.requester),
                      decision(c, c.requester, requester_person_id=c.outsider.person_id,
                               assertion_id=proof(c, "requester"))]),
    Attack("another hash", "decision_cites_content",
           lambda c: [decision(c, c.decider, content_hash="0" * 64)]),
    Attack("hash of another request", "decision_cites_content",
           lambda c: [decision(c, c.decider, content_hash=c.other.content_hash)]),
    Attack("other figures", "decision_repeats_figures",
           lambda c: [decision(c, c.decider, figures='{"forged": 1}')]),
    Attack("nobody named", "decision_by_named_person",
           lambda c: [decision(c, c.outsider, assertion_id=proof(c, "outsider"))]),
    Attack("named by oneself", "decision_by_holder",
           lambda c: [named(c, c.outsider),
                      decision(c, c.outsider, assertion_id=proof(c, "outsider"))]),
    Attack("in a made-up position", "decision_by_holder",
           lambda c: [decision(c, c.decider, role="nobody")]),
    Attack("before it was asked", "decision_on_current_step",
           lambda c: [decision(c, c.decider, at="2020-01-01T00:00:00+00:00")]),
    Attack("on a closed request", "decision_on_current_step",
           lambda c: [named(c, c.outsider, asked=c.approved),
                      decision(c, c.outsider, asked=c.approved, assertion_id=None)]),
    Attack("on a later step", "decision_on_current_step",
           lambda c: [named(c, c.decider, step=9), decision(c, c.decider, step=9)]),
    Attack("twice by one person", "decision_once_per_",
           lambda c: [decision(c, c.decider),
                      decision(c, c.decider, assertion_id=proof(c, "next"))]),
    Attack("silent return", "decision_says_why",
           lambda c: [decision(c, c.decider, verdict="return", opinion="", assertion_id=None)]),
    Attack("state alone", "request_approved_by_decisions", lambda c: [update(c, APPROVED)]),
    Attack("a step skipped", "request_steps_in_order", lambda c: [update(c, "step = step + 1")]),
    Attack("returned by nobody", "request_returned_by_decision",
           lambda c: [update(c, "state = 'returned', closed_at = now()")]),
    Attack("withdrawn after a decision", "request_withdrawn_in_time",
           lambda c: [decision(c, c.decider),
                      update(c, "state = 'withdrawn', closed_at = now()")]),
    Attack("voided for nothing", "request_voided_by_change",
           lambda c: [update(c, "state = 'voided', closed_at = now()"),
                      ("SET CONSTRAINTS ALL IMMEDIATE", {})]),
    Attack("approval voided for nothing", "request_voided_by_change",
           lambda c: [update(c, "state = 'voided'", asked=c.approved),
                      ("SET CONSTRAINTS ALL IMMEDIATE", {})]),
    Attack("swapped payload", "request_content_fixed",
           lambda c: [update(c, "document = '{\"content\":{},\"figures\":{}}', content_hash ="
                                " encode(sha256('{\"content\":{},\"figures\":{}}'), 'hex')")]),
    Attack("payload edited after approval", "request_content_fixed",
           lambda c: [update(c, "document = document || ' '", asked=c.approved)]),
    Attack("steps lightened", "request_content_fixed",
           lambda c: [update(c, "steps = jsonb_set(steps, '{0,needed}', '0')")]),
    Attack("requester exchanged", "request_content_fixed",
           lambda c: [update(c, f"requester_person_id = {c.outsider.person_id}")]),
    Attack("counted as nothing", "request_content_fixed",
           lambda c: [update(c, "counted_key = 'x', counted_amount = 0")]),
    Attack("opened again", "request_closed_for_good",
           lambda c: [update(c, "state = 'submitted', closed_at = NULL", asked=c.approved)]),
    Attack("born approved", "request_starts_submitted",
           lambda c: [born(c, state="approved", closed_at=c.open.submitted_at)]),
    Attack("born without a decision", "request_ends_in_decision", lambda c: [born(c, steps="[]")]),
    Attack("born needing nobody", "request_steps_need_somebody",
           lambda c: [born(c, steps='[{"role": "x", "opinion": false, "needed": 0}]')]),
    Attack("replacing what stands", "request_replaces_voided",
           lambda c: [born(c, replaces_id=c.approved.id, assertion_id=proof(c, "born"))]),
    Attack("a table of one's own in front", "request_approved_by_decisions",
           lambda c: [(FORGED, {}), (("UPDATE public.approvals_request SET state = 'approved',"
                                     " closed_at = now() WHERE id = %(id)s"), {"id": c.open.id})]),
    Attack("decision rewritten", "",
           lambda c: [("UPDATE approvals_decision SET requester_person_id = 0", {})]),
    Attack("decision deleted", "", lambda c: [("DELETE FROM approvals_decision", {})]),
    Attack("request deleted", "", lambda c: [("DELETE FROM approvals_request", {})]),
    Attack("a proof of one's own making", "",
           lambda c: [(("INSERT INTO identity_assertion (person_id, user_id, purpose, payload_hash,"
                       " method, counter) VALUES (%(p)s, %(u)s, 'approvals.decide', %(h)s, 'totp',"
                       " 1)"), {"p": c.decider.person_id, "u": c.decider.pk,
                               "h": c.open.content_hash})]),
    Attack("a proof renewed", "",
           lambda c: [("UPDATE identity_assertion SET made_at = now()", {})]),
    Attack("the rule taken away", "", lambda c: [("DELETE FROM approvals_stepuprule", {})]),
    Attack("the auth role put on", "", lambda c: [("SET ROLE guifan_auth", {})]),
    Attack("triggers switched off", "",
           lambda c: [("ALTER TABLE approvals_decision DISABLE TRIGGER ALL", {})]),
    Attack("as if replicated", "", lambda c: [("SET session_replication_role = replica", {})]),
    Attack("an account handed on", "user_stays_with_person",
           lambda c: [("UPDATE identity_user SET person_id = %(p)s WHERE id = %(u)s",
                       {"p": c.decider.person_id, "u": c.twin.pk})]),
    Attack("a code used again", "user_code_never_back",
           lambda c: [("UPDATE identity_user SET totp_last_counter = -1 WHERE id = %(u)s",
                       {"u": c.decider.pk})]),
)  # fmt: skip

# Where a flow asks for a fresh second factor.
ON_PROOFS = (
    Attack("no proof", "decision_needs_proof",
           lambda c: [decision(c, c.decider, assertion_id=None)]),
    Attack("a proof from nowhere", "decision_proof_fresh",
           lambda c: [decision(c, c.decider, assertion_id=10**9)]),
    Attack("an old proof", "decision_proof_fresh",
           lambda c: [decision(c, c.decider, assertion_id=c.proofs["old"])]),
    Attack("a proof for asking", "decision_proof_fresh",
           lambda c: [decision(c, c.decider, assertion_id=c.proofs["asking"])]),
    Attack("another person's proof", "decision_cites_proof",
           lambda c: [decision(c, c.decider, assertion_id=c.proofs["outsider"])]),
    Attack("a proof of another payload", "decision_cites_proof",
           lambda c: [decision(c, c.decider, assertion_id=c.proofs["elsewhere"])]),
    Attack("a proof used before", "approvals_decision_assertion_id",
           lambda c: [decision(c, c.decider, assertion_id=c.proofs["used"])]),
    Attack("in another's name", "request_needs_proof", lambda c: [born(c)]),
    Attack("in another's name, with one's own proof", "request_cites_proof",
           lambda c: [born(c, assertion_id=c.proofs["mine"])]),
    Attack("steps that ask for none", "decision_needs_proof",
           lambda c: [born(c, assertion_id=proof(c, "born")),
                      named_on_newest(c), decided_on_newest(c)]),
)  # fmt: skip


def proof(case: Case, name: str) -> int | None:
    """Return a proof where the flow asks for one: the attack shall fail for its own reason."""
    return case.proofs.get(name)


def named_on_newest(case: Case) -> Statement:
    """Name the decider on the request just born."""
    return (
        (
            "INSERT INTO approvals_approver (request_id, step, person_id, role, level, named_at)"
            " SELECT max(id), 0, %(person)s, %(role)s, 0, now() FROM approvals_request"
        ),
        {"person": case.decider.person_id, "role": case.role},
    )


def decided_on_newest(case: Case) -> Statement:
    """Decide the request just born, without a proof."""
    return (
        (
            "INSERT INTO approvals_decision (request_id, step, verdict, requester_person_id,"
            " decider_person_id, decider_name, role, content_hash, figures, opinion, at)"
            " SELECT id, 0, 'approve', requester_person_id, %(person)s, 'x', %(role)s,"
            " content_hash, figures, '', submitted_at FROM approvals_request"
            " ORDER BY id DESC LIMIT 1"
        ),
        {"person": case.decider.person_id, "role": case.role},
    )
