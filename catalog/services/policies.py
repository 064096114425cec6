"""Price policies: drafted by the operations manager, confirmed by the finance manager."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.choices.policies import PolicyState
from catalog.errors import prices as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.models import Category, PricePolicy
from catalog.models.policies import EDITABLE
from catalog.types.patrol import PolicyFigures
from ops.engines.approvals import services as approvals
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit import services as audit
from ops.engines.clocks import services as clocks
from ops.engines.clocks.types import Subject
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may
from ops.engines.numbering import services as numbering

SUBJECT: Final = "catalog.pricepolicy"
REVIEW: Final = "price_policy_review"
YEAR: Final = dt.timedelta(days=365)
DRAFT: Final = may("catalog", "A", Role.OPERATIONS_MANAGER)
_TENTH: Final = Decimal("0.1")
_HUNDRED: Final = Decimal(100)


def draft_policy(*, figures: PolicyFigures, actor: Actor, at: dt.datetime) -> PricePolicy:
    """Draft a version of the policy of a category; it is due for review a year after it starts.

    Raises Forbidden, ThingMissing, ReasonNeeded, PolicyWrong.
    """
    DRAFT.require(actor)
    with transaction.atomic():
        policy = PricePolicy(owner_id=actor.person_id or 0, drafted_at=at)
        _fill(policy, figures)
        policy.number = numbering.take_one("PP", at=at)
        policy.save(force_insert=True)
        _record("catalog.policy_drafted", policy, actor=actor, at=at)
        return policy


def edit_policy(
    *, policy_id: int, figures: PolicyFigures, actor: Actor, at: dt.datetime
) -> PricePolicy:
    """Change a draft or a returned version.

    Raises what `draft_policy` raises, PolicyMissing, PolicyClosed.
    """
    DRAFT.require(actor)
    with transaction.atomic():
        policy = _editable(policy_id)
        _fill(policy, figures)
        policy.save()
        _record("catalog.policy_edited", policy, actor=actor, at=at)
        return policy


def submit_policy(*, policy_id: int, actor: Actor, at: dt.datetime) -> PricePolicy:
    """Hand a version to the finance manager (CAT-4.2-04).

    Raises Forbidden, PolicyMissing, PolicyClosed, PolicyWrong when it would start in the past, and
    what the approvals engine refuses.
    """
    DRAFT.require(actor)
    with approvals.handing_in("price_policy", actor=actor, at=at):
        policy = _editable(policy_id)
        if policy.starts_on < parse.business_day(at):
            raise errors.PolicyWrong(_("A policy starts today or later."), field="starts_on")
        request = approvals.submit(
            flow="price_policy",
            subject=(SUBJECT, policy.pk),
            number=policy.number,
            title=policy.reason,
            content=_content(policy),
            figures={},
            actor=actor,
            at=at,
        )
        policy.approval_id = request.id
        policy.state = PolicyState.SUBMITTED
        policy.save(update_fields=["approval", "state"])
        return policy


def withdraw_policy(*, policy_id: int, actor: Actor, at: dt.datetime) -> None:
    """Give a draft or a returned version up; raises Forbidden, PolicyMissing, PolicyClosed."""
    DRAFT.require(actor)
    with transaction.atomic():
        policy = _editable(policy_id)
        policy.state = PolicyState.WITHDRAWN
        policy.save(update_fields=["state"])
        _record("catalog.policy_withdrawn", policy, actor=actor, at=at)


def put_in_force(request: RequestInfo, actor: Actor, at: dt.datetime) -> None:
    """Let an approved version count from its day on; the next review is due a year later."""
    policy = _locked(request.subject_id)
    if policy.state != PolicyState.SUBMITTED or policy.approval_id != request.id:
        raise errors.PolicyClosed(policy.state)
    policy.state = PolicyState.APPROVED
    policy.save(update_fields=["state"])
    former = PricePolicy.objects.filter(
        category=policy.category, state=PolicyState.APPROVED
    ).exclude(pk=policy.pk)
    keys = [(SUBJECT, pk) for pk in former.values_list("pk", flat=True)]
    if keys:
        clocks.meet(kind=REVIEW, subjects=keys, actor=actor, at=at)
    clocks.start(
        kind=REVIEW,
        subjects=[
            Subject(
                type=SUBJECT,
                id=policy.pk,
                label=policy.number,
                link=f"/price-policies/{policy.pk}/",
                person_id=policy.owner_id or None,
                started_at=at,
            )
        ],
        actor=actor,
        at=at,
    )


def take_back(request: RequestInfo, actor: Actor, at: dt.datetime) -> None:
    """Give a returned version back to its owner; a withdrawn one is over."""
    policy = _locked(request.subject_id)
    policy.state = (
        PolicyState.WITHDRAWN if request.state == RequestState.WITHDRAWN else PolicyState.RETURNED
    )
    policy.save(update_fields=["state"])


def _locked(policy_id: int) -> PricePolicy:
    rows = PricePolicy.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=policy_id).first()
    if found is None:
        raise errors.PolicyMissing(policy_id)
    return found


def _editable(policy_id: int) -> PricePolicy:
    policy = _locked(policy_id)
    if policy.state not in EDITABLE:
        raise errors.PolicyClosed(policy.state)
    return policy


def _fill(policy: PricePolicy, figures: PolicyFigures) -> None:
    """Write checked figures into a version."""
    _refuse_contradictions(figures)
    category = figures.category_id
    if category is not None and not Category.objects.filter(pk=category).exists():
        raise ThingMissing("category", category)
    for name, value in asdict(figures).items():
        setattr(policy, name, _tenth(value) if isinstance(value, Decimal) else value)
    policy.reason = parse.text(figures.reason.strip(), most=200)
    policy.review_on = figures.starts_on + YEAR


def _refuse_contradictions(figures: PolicyFigures) -> None:
    if not figures.reason.strip():
        raise ReasonNeeded
    wrong = errors.PolicyWrong
    if not 0 <= figures.floor_margin <= figures.target_margin < _HUNDRED:
        words = _("The floor margin is not above the target margin, and both are below 100.")
        raise wrong(words, field="floor_margin")
    ceiling = figures.ceiling_margin
    if ceiling is not None and not figures.target_margin <= ceiling < _HUNDRED:
        words = _("The ceiling margin is not below the target margin, and below 100.")
        raise wrong(words, field="ceiling_margin")
    if not 0 < figures.band <= _HUNDRED:
        raise wrong(_("The band lies above 0 and is at most 100."), field="band")
    if not 1 <= figures.window_days <= 366:
        words = _("Changes count together for 1 to 366 days.")
        raise wrong(words, field="window_days")
    for name in ("above_rival", "under_rival"):
        limit = getattr(figures, name)
        if limit is not None and not 0 <= limit <= (_HUNDRED if name == "under_rival" else 9999):
            raise wrong(_("A limit against rivals is not below 0."), field=name)


def _tenth(value: Decimal) -> Decimal:
    return parse.money(value, places=1).quantize(_TENTH)


def _content(policy: PricePolicy) -> dict[str, Any]:
    """Return what is asked for: the guard compares the version with this one line."""
    line = {
        "policy": policy.pk,
        "category": policy.category_id,
        "starts_on": policy.starts_on.isoformat(),
        "review_on": policy.review_on.isoformat(),
        "target_margin": str(policy.target_margin),
        "floor_margin": str(policy.floor_margin),
        "ceiling_margin": _text(policy.ceiling_margin),
        "band": str(policy.band),
        "window_days": policy.window_days,
        "above_rival": _text(policy.above_rival),
        "under_rival": _text(policy.under_rival),
    }
    return {
        "category": str(policy.category) if policy.category else "",
        "reason": policy.reason,
        "lines": [line],
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _record(action: str, policy: PricePolicy, *, actor: Actor, at: dt.datetime) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=(SUBJECT, policy.pk),
        body={"number": policy.number, **_content(policy)["lines"][0], "reason": policy.reason},
    )
