"""Price changes on their way to a decision: draft, edit, hand in, take back (CAT-4.2-01).

What happens after the decision is in `price_course`; both are reached from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from catalog.choices.goods import ProductState
from catalog.choices.prices import PriceChangeState
from catalog.errors import prices as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing, missing
from catalog.models import Channel, PriceChange, PriceChangeLine, Sku
from catalog.models.prices import EDITABLE, TIER
from catalog.rules import prices as rules
from catalog.rules.impact import headline
from catalog.selectors import prices as selectors
from catalog.selectors.price_sql import KEEP
from catalog.services import impact, references
from catalog.services.price_course import (
    activate_due,
    end_due,
    refuse_overlaps,
    schedule,
    suspend,
    take_back,
)
from catalog.types.prices import LineFigures, PriceChangeInfo, PriceFigures, PriceLine
from ops.engines.approvals import services as approvals
from ops.engines.audit import refusals
from ops.engines.audit import services as audit
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.numbering import services as numbering

__all__ = [
    "activate_due",
    "draft_price_change",
    "drafting",
    "edit_price_change",
    "end_due",
    "schedule",
    "submit_price_change",
    "suspend",
    "take_back",
    "withdraw_price_change",
]

SUBJECT = "catalog.pricechange"
BELOW = Decimal(10**12)

# A request lists its lines up to here; a longer one carries their digest, which the database
# computes again before it lets a price be written (ADR 22).
MOST_INLINE = 1000
_TIER = re.compile(TIER)
_DIGEST = "SELECT catalog_pricechange_digest(%s)"


def draft_price_change(
    *,
    channel_id: int,
    reason: str,
    starts_at: datetime,
    ends_at: datetime | None = None,
    lines: Sequence[PriceLine],
    rival_note: str = "",
    tier: str = "",
    actor: Actor,
    at: datetime,
) -> PriceChangeInfo:
    """Draft other prices for SKUs of a channel and tier, from a moment on or for a time.

    Raises ThingMissing (channel or SKU unknown or outside the actor's channels), ReasonNeeded,
    WindowWrong, PriceChangeEmpty, BadInput.
    """
    checked = _checked(lines)
    with drafting(
        channel_id=channel_id,
        reason=reason,
        starts_at=starts_at,
        ends_at=ends_at,
        rival_note=rival_note,
        tier=tier,
        actor=actor,
        at=at,
    ) as change:
        _write_lines(change, checked)
    return selectors.info(change, lines=len(checked))


@contextmanager
def drafting(
    *,
    channel_id: int,
    reason: str,
    starts_at: datetime,
    ends_at: datetime | None,
    rival_note: str,
    tier: str,
    actor: Actor,
    at: datetime,
) -> Iterator[PriceChange]:
    """Open a draft, let the body write its lines set-based, then leave the audit fact.

    Raises what `draft_price_change` raises; PriceChangeEmpty when the body wrote no line.
    """
    with transaction.atomic():
        channel = Channel.objects.filter(pk=channel_id).first()
        if channel is None or not _works_in(actor, channel_id):
            raise ThingMissing("channel", channel_id)
        if len(tier) > 16 or not _TIER.fullmatch(tier):
            raise errors.TierUnreadable
        change = PriceChange(
            channel=channel,
            tier=tier,
            drafted_by=actor.person_id or 0,
            drafted_at=at,
            **_read(reason=reason, rival_note=rival_note, starts_at=starts_at, ends_at=ends_at),
        )
        change.number = numbering.take_one("PC", at=at)
        change.save(force_insert=True)
        yield change
        count = _line_count(change)
        if not count:
            raise errors.PriceChangeEmpty
        _record("catalog.price_change_drafted", change, count, actor=actor, at=at)


def edit_price_change(
    *,
    change_id: int,
    reason: str | None = None,
    rival_note: str | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    open_end: bool = False,
    lines: Sequence[PriceLine] | None = None,
    actor: Actor,
    at: datetime,
) -> PriceChangeInfo:
    """Change a draft or a returned price change; given lines replace all former ones.

    `open_end` drops the end. Raises PriceChangeMissing, PriceChangeClosed, ThingMissing,
    ReasonNeeded, WindowWrong, PriceChangeEmpty, BadInput.
    """
    with transaction.atomic():
        change = _lock(change_id, actor)
        if change.state not in EDITABLE:
            raise errors.PriceChangeClosed(change.state)
        read = _read(
            reason=change.reason if reason is None else reason,
            rival_note=change.rival_note if rival_note is None else rival_note,
            starts_at=starts_at or change.starts_at,
            ends_at=None if open_end else (ends_at or change.ends_at),
        )
        for name, value in read.items():
            setattr(change, name, value)
        change.save(update_fields=list(read))
        if lines is not None:
            checked = _checked(lines)
            PriceChangeLine.objects.filter(change=change).delete()
            _write_lines(change, checked)
        count = _line_count(change)
        _record("catalog.price_change_edited", change, count, actor=actor, at=at)
        return selectors.info(change, lines=count)


def submit_price_change(*, change_id: int, actor: Actor, at: datetime) -> PriceChangeInfo:
    """Hand a drafted price change to the persons its depth calls for (CAT-4.2-01, CAT-4.2-04).

    Old price, floor and margin are taken at this moment and fixed with the request. Raises
    PriceChangeMissing, PriceChangeClosed, RivalNeeded, PriceUnchanged, WindowWrong,
    ChangesOverlap, StruckUnproved (a fact of it is kept, CAT-4.2-02) and what the approvals engine
    refuses (another position, nobody to decide).
    """
    tried = refusals.kept(
        "catalog.struck_price_refused",
        of=(errors.StruckUnproved,),
        obj=(SUBJECT, change_id),
        actor=actor,
        at=at,
    )
    with tried, approvals.handing_in("price_change", actor=actor, at=at):
        change = _lock(change_id, actor)
        if change.state not in EDITABLE:
            raise errors.PriceChangeClosed(change.state)
        if change.ends_at is not None and change.ends_at <= at:
            raise errors.WindowWrong
        figures = selectors.price_figures(
            change_id=change.pk, channel_id=change.channel_id, at=at, limit=MOST_INLINE
        )
        _refuse_gaps(change, figures)
        refuse_overlaps(change, at=at)
        references.prove_lines(change, actor=actor, at=at)
        _keep_figures(change, at=at)
        forecast = impact.assess_price_change(change, at=at)
        request = approvals.submit(
            flow="price_change",
            subject=(SUBJECT, change.pk),
            number=change.number,
            title=change.reason,
            content=_content(change, figures),
            figures={**_shown(figures), **headline(forecast.figures)},
            scope_ids={"channel": change.channel_id},
            actor=actor,
            at=at,
        )
        impact.keep(forecast, approval_id=request.id, actor=actor, at=at)
        change.approval_id = request.id
        change.state = PriceChangeState.SUBMITTED
        change.save(update_fields=["approval", "state"])
        return selectors.info(change, lines=figures.count)


def withdraw_price_change(*, change_id: int, actor: Actor, at: datetime) -> PriceChangeInfo:
    """Take a price change back: a draft at once, a submitted one until the first decision.

    Raises PriceChangeMissing, PriceChangeClosed and what the approvals engine refuses.
    """
    with transaction.atomic():
        # The request is locked before its document, as everywhere.
        found = PriceChange.objects.filter(pk=change_id).first()
        if found is None or not _works_in(actor, found.channel_id):
            raise errors.PriceChangeMissing(change_id)
        if found.state == PriceChangeState.SUBMITTED and found.approval_id is not None:
            approvals.withdraw(request_id=found.approval_id, actor=actor, at=at)
            found.refresh_from_db(fields=["state"])
            return selectors.info(found, lines=_line_count(found))
        change = _lock(change_id, actor)
        if change.state not in EDITABLE:
            raise errors.PriceChangeClosed(change.state)
        change.state = PriceChangeState.WITHDRAWN
        change.save(update_fields=["state"])
        _record("catalog.price_change_withdrawn", change, None, actor=actor, at=at)
        return selectors.info(change, lines=_line_count(change))


def _line_count(change: PriceChange) -> int:
    return PriceChangeLine.objects.filter(change=change).count()


def _works_in(actor: Actor, channel_id: int) -> bool:
    allowed = actor.scope_ids("channel", "catalog", "C")
    return allowed is None or channel_id in allowed


def _lock(change_id: int, actor: Actor) -> PriceChange:
    found = (
        PriceChange.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=change_id)
        .first()
    )
    if found is None or not _works_in(actor, found.channel_id):
        raise errors.PriceChangeMissing(change_id)
    return found


def _read(
    *, reason: str, rival_note: str, starts_at: datetime, ends_at: datetime | None
) -> dict[str, Any]:
    if not reason.strip():
        raise ReasonNeeded
    if ends_at is not None and ends_at <= starts_at:
        raise errors.WindowWrong
    return {
        "reason": parse.text(reason.strip(), most=200),
        "rival_note": parse.text(rival_note.strip(), most=200),
        "starts_at": starts_at,
        "ends_at": ends_at,
    }


def _checked(lines: Sequence[PriceLine]) -> list[PriceLine]:
    """Return the lines with prices read strictly; every SKU exists and stands there once."""
    sku_ids = {line.sku_id for line in lines}
    if not lines or len(sku_ids) < len(lines):
        raise errors.PriceChangeEmpty
    in_use = Sku.objects.filter(pk__in=sku_ids).exclude(state=ProductState.RETIRED)
    missing("sku", sku_ids, in_use.values_list("pk", flat=True))
    return [
        PriceLine(
            sku_id=line.sku_id,
            price=_above_zero(line.price),
            rival=None if line.rival is None else parse.money(line.rival).quantize(rules.CENT),
            struck=_struck(line),
            reference_id=line.reference_id,
        )
        for line in lines
    ]


def _above_zero(price: Decimal) -> Decimal:
    read = parse.money(price).quantize(rules.CENT)
    if not 0 < read < BELOW:
        words = _("A price is above zero and below a trillion.")
        raise BadInput("catalog.price_positive", words, field="lines")
    return read


def _struck(line: PriceLine) -> Decimal | None:
    """Return the struck-out price of a line; it stands above the price beside it."""
    if line.struck is None:
        return None
    struck = _above_zero(line.struck)
    if struck <= line.price:
        words = _("A struck-out price is above the price beside it.")
        raise BadInput("catalog.struck_above_price", words, field="lines")
    return struck


def _write_lines(change: PriceChange, lines: Sequence[PriceLine]) -> None:
    PriceChangeLine.objects.bulk_create(
        [
            PriceChangeLine(
                change=change,
                sku_id=line.sku_id,
                new_price=line.price,
                rival_price=line.rival,
                struck_price=line.struck,
                reference_id=line.reference_id,
            )
            for line in lines
        ],
        batch_size=5000,
    )


def _refuse_gaps(change: PriceChange, figures: PriceFigures) -> None:
    """Refuse what no decider should have to ask for, and lines that change nothing."""
    if not figures.count:
        raise errors.PriceChangeEmpty
    if figures.without_rival and not change.rival_note:
        raise errors.RivalNeeded(figures.silent_skus or (), count=figures.without_rival)
    if figures.unchanged:
        raise errors.PriceUnchanged(figures.unchanged_skus or (), count=figures.unchanged)


def _keep_figures(change: PriceChange, *, at: datetime) -> None:
    values = selectors.figure_values(change_id=change.pk, channel_id=change.channel_id, at=at)
    with connection.cursor() as cursor:
        cursor.execute(KEEP, values)


def _content(change: PriceChange, figures: PriceFigures) -> dict[str, Any]:
    """Return what is asked for: the guard compares every price with these lines, or their digest.

    A tier is named only where there is one, so that requests of before read the same.
    """
    content: dict[str, Any] = {
        "channel": change.channel_id,
        **({"tier": change.tier} if change.tier else {}),
        "starts_at": change.starts_at,
        "ends_at": change.ends_at,
        "reason": change.reason,
        "rival_note": change.rival_note,
    }
    if figures.count > MOST_INLINE:
        return content | {
            "lines_sha256": _digest(change),
            "count": figures.count,
            "total_old": figures.total_old,
            "total_new": figures.total_new,
        }
    proofs = dict(
        PriceChangeLine.objects.filter(change=change, reference__isnull=False).values_list(
            "sku_id", "reference_id"
        )
    )
    return content | {"lines": [_asked(line, proofs) for line in figures.lines]}


def _digest(change: PriceChange) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST, [change.pk])
        return str(cursor.fetchone()[0])


def _asked(line: LineFigures, proofs: Mapping[int, int]) -> dict[str, Any]:
    asked = {
        "sku": line.sku_id,
        "code": line.code,
        "old": line.old,
        "price": line.new,
        "change": line.change_percent,
        "window": line.window_percent,
        "margin_old": line.margin_old,
        "margin": line.margin_new,
        "floor": line.floor,
        "rival": line.rival,
        "cover": line.cover_days,
        "outside": line.is_outside_band,
        "below": line.is_below_floor,
    }
    if line.struck is not None:
        asked |= {"struck": line.struck, "reference": proofs.get(line.sku_id)}
    return asked


def _shown(figures: PriceFigures) -> dict[str, Any]:
    return {
        "lines": figures.count,
        "average_percent": figures.average_percent,
        "deepest_percent": figures.deepest_percent,
        "window_deepest": figures.window_deepest,
        "margin_old": figures.margin_old,
        "margin_new": figures.margin_new,
        "outside_band": figures.outside_band,
        "below_floor": figures.below_floor,
        "struck": figures.struck,
        "without_rival": figures.without_rival,
        "without_cost": figures.without_cost,
        "without_old_price": figures.without_old_price,
    }


def _record(
    action: str, change: PriceChange, lines: int | None, *, actor: Actor, at: datetime
) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=(SUBJECT, change.pk),
        body={
            "number": change.number,
            "channel": change.channel_id,
            "reason": change.reason,
            "starts_at": change.starts_at,
            "ends_at": change.ends_at,
            "lines": lines,
        },
    )
