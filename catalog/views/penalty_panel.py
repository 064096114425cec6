"""What a confirmed violation shows and offers on the page of its case (CAT-4.2-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import PricePenalty, PriceViolation
from catalog.rules.penalties import has_fault
from catalog.services import penalties
from ops.engines.desk.screens import Action, Done, Fact, FactGroup, Field
from ops.engines.identity import selectors as people
from ops.engines.kernel.actor import Actor


def facts(penalty: PricePenalty | None) -> tuple[FactGroup, ...]:
    """Return who held the case against the channel, on which rule, and whether that stands."""
    if penalty is None:
        return ()
    shown = [
        Fact(title=_("Number"), value=penalty.number, kind="code"),
        Fact(title=_("Points"), value=penalty.points, kind="number"),
        Fact(title=_("Rule broken"), value=penalty.rule, is_wide=True),
        Fact(title=_("What the channel answered"), value=penalty.statement, is_wide=True),
        Fact(title=_("Confirmed by"), value=people.person_name(penalty.confirmed_by)),
        Fact(title=_("Confirmed at"), value=penalty.confirmed_at, kind="moment"),
    ]
    if penalty.revoked_by is not None:
        shown += [
            Fact(title=_("Taken back by"), value=people.person_name(penalty.revoked_by)),
            Fact(title=_("Why it was taken back"), value=penalty.revoked_why, is_wide=True),
        ]
    return (FactGroup(title=_("Held against the channel"), facts=tuple(shown)),)


def actions(case: PriceViolation, penalty: PricePenalty | None) -> tuple[Action, ...]:
    """Offer to hold the case against the channel, or to take that back."""
    if penalty is not None:
        return (_revoke(case, penalty),)
    return (
        Action(
            key="confirm",
            label=_("Hold against the channel"),
            run=lambda values, actor, at: _confirmed(case.pk, values, actor, at),
            policy=penalties.CONFIRM,
            fields=(
                Field("rule", _("Rule broken"), most=200, least=2,
                      hint=_("The article of the rules, such as: price rules, article 3.")),
                Field("statement", _("What the channel answered"), most=400, least=2,
                      hint=_("In its words; or that it gave no answer in time.")),
            ),
            why_not="" if has_fault(case.kind) else _(
                "The cost rose under an approved price: nobody broke a rule."
            ),
        ),
    )  # fmt: skip


def _revoke(case: PriceViolation, penalty: PricePenalty) -> Action:
    gone: str | Promise = _("It was taken back.") if penalty.revoked_at is not None else ""
    return Action(
        key="revoke",
        label=_("Take the penalty back"),
        run=lambda values, actor, at: _revoked(case.pk, values, actor, at),
        policy=penalties.CONFIRM,
        fields=(Field("reason", _("Reason"), most=200, least=2),),
        why_not=gone,
    )


def _confirmed(case_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    made = penalties.confirm(case_id=case_id, **values, actor=actor, at=at)
    words = gettext("%(number)s: %(points)s points count against the channel.")
    return Done(message=words % {"number": made.number, "points": made.points})


def _revoked(case_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    made = penalties.revoke(case_id=case_id, **values, actor=actor, at=at)
    return Done(message=gettext("%(number)s no longer counts.") % {"number": made.number})
