"""Violations confirmed against who runs a channel, and the word about them (CAT-4.2-03).

A penalty is points of a published table; the channel's assessment counts them. It leaves handling
of the case alone: what was wrong is put right whoever is to blame.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_noop

from catalog.errors import penalties as errors
from catalog.errors import prices as price_errors
from catalog.errors.goods import ReasonNeeded
from catalog.models import PricePenalty, PriceViolation
from catalog.rules.penalties import POINTS, has_fault
from catalog.selectors import penalties as selectors
from catalog.services.patrol import SUBJECT
from ops.engines.audit import services as audit
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may
from ops.engines.notices import services as notices
from ops.engines.numbering import services as numbering

CONFIRM: Final = may("catalog", "A", Role.COMPLIANCE_OFFICER)
_CHANNEL_FOLK: Final = (Role.OPERATIONS_SUPERVISOR, Role.OPERATIONS_SPECIALIST)
_WATCHERS: Final = (Role.OPERATIONS_SUPERVISOR, Role.COMPLIANCE_OFFICER)
_CONFIRMED: Final = gettext_noop("A price violation counts against the channel: %(number)s")
_TAKEN_BACK: Final = gettext_noop("A price violation no longer counts: %(number)s")
_FOUND: Final = gettext_noop("The price patrol opened %(opened)s cases in %(channel)s")
_HOW_BAD: Final = gettext_noop("Severe, off sale at once: %(severe)s")


def confirm(
    *, case_id: int, rule: str, statement: str, actor: Actor, at: dt.datetime
) -> PricePenalty:
    """Hold a case against who runs its channel: points by the table, told to the channel.

    `rule` is what was broken, `statement` what the channel answered (or that it gave no answer).
    Raises Forbidden, CaseMissing, ReasonNeeded, NobodysFault, OwnPrice, PenaltyGiven.
    """
    CONFIRM.require(actor)
    if not rule.strip() or not statement.strip():
        raise ReasonNeeded
    with transaction.atomic():
        case = _locked_case(case_id, actor)
        if not has_fault(case.kind):
            raise errors.NobodysFault
        if case.owner_id is not None and case.owner_id == actor.person_id:
            raise errors.OwnPrice
        if PricePenalty.objects.filter(violation=case).exists():
            raise errors.PenaltyGiven
        made = PricePenalty.objects.create(
            violation=case,
            number=numbering.take_one("PP", at=at),
            points=POINTS[case.severity],
            rule=parse.text(rule.strip(), most=200),
            statement=parse.text(statement.strip(), most=400),
            confirmed_by=actor.person_id or 0,
            confirmed_at=at,
        )
        body = {"rule": made.rule, "statement": made.statement, "points": made.points}
        _record("catalog.price_penalty_confirmed", made, body, actor=actor, at=at)
        _tell_channel(case, made, _CONFIRMED, body=made.rule, actor=actor, at=at)
        return made


def revoke(*, case_id: int, reason: str, actor: Actor, at: dt.datetime) -> PricePenalty:
    """Take a penalty back, for a reason; another person than who confirmed it.

    Raises Forbidden, CaseMissing, ReasonNeeded, PenaltyMissing, PenaltyGiven, OwnPenalty.
    """
    CONFIRM.require(actor)
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        case = _locked_case(case_id, actor)
        penalty = PricePenalty.objects.filter(violation=case).first()
        if penalty is None:
            raise errors.PenaltyMissing(case_id)
        if penalty.revoked_at is not None:
            raise errors.PenaltyGiven
        if penalty.confirmed_by == actor.person_id:
            raise errors.OwnPenalty
        penalty.revoked_at, penalty.revoked_by = at, actor.person_id or 0
        penalty.revoked_why = parse.text(reason.strip(), most=200)
        penalty.save(update_fields=["revoked_at", "revoked_by", "revoked_why"])
        body = {"reason": penalty.revoked_why, "points": penalty.points}
        _record("catalog.price_penalty_revoked", penalty, body, actor=actor, at=at)
        _tell_channel(case, penalty, _TAKEN_BACK, body=penalty.revoked_why, actor=actor, at=at)
        return penalty


def tell_patrols(*, rounds: Iterable[tuple[int, str]], actor: Actor, at: dt.datetime) -> int:
    """Tell who handles and who judges what patrols opened, once a round and person.

    `rounds` are channel id and moment (ISO) of each; one that opened nothing is not told.
    """
    told = 0
    with transaction.atomic():
        for row in selectors.rounds(rounds):
            for role in _WATCHERS:
                told += notices.notify(
                    role=role,
                    kind="act",
                    title=_FOUND,
                    body=_HOW_BAD if row.severe else "",
                    params={
                        "opened": row.opened, "channel": row.channel.name, "severe": row.severe
                    },
                    link=f"/price-violations/?channel={row.channel_id}&state=open",
                    subject=f"catalog.pricepatrol:{row.pk}",
                    area="catalog",
                    scope=("channel", row.channel_id),
                    effect_key=f"price_patrol:{row.pk}:{role}",
                    actor=actor,
                    at=at,
                )  # fmt: skip
    return told


def _locked_case(case_id: int, actor: Actor) -> PriceViolation:
    """Lock a case in the actor's channels, open or handled; raises CaseMissing."""
    rows = PriceViolation.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=case_id).first()
    allowed = actor.scope_ids("channel", "catalog", "A")
    if found is None or (allowed is not None and found.channel_id not in allowed):
        raise price_errors.CaseMissing(case_id)
    return found


def _record(
    action: str, penalty: PricePenalty, body: Mapping[str, Any], *, actor: Actor, at: dt.datetime
) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=(SUBJECT, penalty.violation_id),
        body={"number": penalty.number, **body},
    )


def _tell_channel(
    case: PriceViolation,
    penalty: PricePenalty,
    title: str,
    *,
    body: str,
    actor: Actor,
    at: dt.datetime,
) -> None:
    for role in _CHANNEL_FOLK:
        notices.notify(
            role=role,
            kind="fyi",
            title=title,
            body=body,
            params={"number": penalty.number},
            link=f"/price-violations/{case.pk}/",
            subject=f"{SUBJECT}:{case.pk}",
            area="catalog",
            scope=("channel", case.channel_id),
            actor=actor,
            at=at,
        )
