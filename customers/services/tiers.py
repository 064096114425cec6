"""The tier of buyers: the one path on which it is set and ended, one by one or by the thousand.

What was recorded is never rewritten. Who gets another tier ends the one they have at that moment;
what would change the past, or run into a tier that is planned already, is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from catalog.selectors import tiers as declared
from customers import errors
from customers.choices import TierSource
from customers.models import Customer, CustomerTier
from customers.policies import TIERS
from customers.selectors import people as readers
from customers.services import people
from customers.types import BuyerDraft, TierOutcome, TierWish
from ops.engines.audit import services as audit
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash
from ops.engines.kernel.errors import BadInput

LONGEST_TIER, LONGEST_REASON = 40, 200
SUBJECT: Final = "customers.customer"
_NEVER: Final = dt.datetime.max.replace(tzinfo=dt.UTC)


def set_tiers(
    wishes: Sequence[TierWish],
    *,
    channel_id: int,
    source: TierSource,
    actor: Actor,
    at: dt.datetime,
    batch_id: int | None = None,
) -> list[TierOutcome]:
    """Let buyers of one channel belong to tiers; each wish has an outcome of its own, in order.

    A buyer nobody has heard of is added by code, so that the first order finds the tier. Who has
    the tier for that time already keeps it (`is_new` false). The number of statements does not
    depend on the number of wishes. Raises Forbidden, ChannelUnknown for a channel that is not the
    actor's.
    """
    _require(channel_id, actor)
    if not wishes:
        return []
    known = {tier.code for tier in declared.known(channel_id=channel_id)}
    outcomes = [_checked(wish, known, at) for wish in wishes]
    fit = [(n, wish) for n, wish in enumerate(wishes) if not outcomes[n].is_refused]
    with transaction.atomic():
        drafts = {wish.buyer: BuyerDraft(code=wish.buyer) for _n, wish in fit}
        found = people.buyers(drafts.values(), channel_id=channel_id, at=at) if drafts else {}
        ids = {code: one.id for code, one in found.items()}
        book = _Book.locked(ids.values(), by=actor.person_id, at=at)
        for n, wish in fit:
            outcomes[n] = book.add(ids[wish.buyer], wish, source=source, batch_id=batch_id)
        book.write()
        _record(book, source, batch_id, actor=actor, at=at)
    return outcomes


def set_tier(
    *,
    customer_id: int,
    tier: str,
    reason: str,
    source: TierSource,
    actor: Actor,
    at: dt.datetime,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> TierOutcome:
    """Let one buyer belong to a tier. Raises Forbidden, CustomerMissing, TierRefused."""
    customer = _mine(customer_id, actor)
    wish = TierWish(buyer=customer.code, tier=tier, reason=reason, since=since, until=until)
    (outcome,) = set_tiers(
        [wish], channel_id=customer.channel_id, source=source, actor=actor, at=at
    )
    if outcome.is_refused:
        raise errors.TierRefused(outcome.code, outcome.detail, field=outcome.field)
    return outcome


def end_tier(
    *,
    customer_id: int,
    reason: str,
    actor: Actor,
    at: dt.datetime,
    on: dt.datetime | None = None,
) -> str:
    """End the tier a buyer has, at a moment (now unless told); return which it was.

    Without one in force it is the next that is planned, which then never begins. Raises Forbidden,
    CustomerMissing, TierRefused (none, no reason, ended before, a moment in the past or not before
    its planned end).
    """
    customer = _mine(customer_id, actor)
    when = on or at
    if wrong := _unreasoned(reason):
        raise errors.TierRefused(wrong.code, wrong.detail, field=wrong.field)
    with transaction.atomic():
        book = _Book.locked([customer.pk], by=actor.person_id, at=at)
        row = next(iter(book.of(customer.pk)), None)
        if row is None:
            raise errors.TierRefused("customers.no_tier", _("The buyer has no tier."))
        if row.ended_at is not None:
            raise errors.TierRefused("customers.tier_ended", _("The end of this tier is set."))
        if not at <= when < _end(row):
            raise errors.TierRefused(
                "customers.tier_end",
                _("A tier ends from now on and before its planned end."),
                field="on",
            )
        book.end(row, when, reason.strip())
        book.write()
        _record(book, None, None, actor=actor, at=at)
    return row.tier


@dataclass(slots=True)
class _Book:
    """The tiers of some buyers from now on, locked, with what is to be written."""

    by: int | None
    at: dt.datetime
    rows: dict[int, list[CustomerTier]]
    ended: dict[int, CustomerTier] = field(default_factory=dict)
    added: list[CustomerTier] = field(default_factory=list)

    @classmethod
    def locked(cls, customer_ids: Iterable[int], *, by: int | None, at: dt.datetime) -> _Book:
        """Lock buyers, ascending, and read every tier of theirs."""
        ids = sorted(set(customer_ids))
        lock = Customer.objects.select_for_update(of=("self",), no_key=True)
        list(lock.filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
        rows: dict[int, list[CustomerTier]] = {pk: [] for pk in ids}
        found = CustomerTier.objects.filter(customer_id__in=ids, valid__isempty=False)
        for row in found.order_by("customer_id", "valid"):
            rows[row.customer_id].append(row)
        return cls(by, at, rows)

    def of(self, customer_id: int) -> list[CustomerTier]:
        """Return the tiers of a buyer that are not over."""
        return [one for one in self.rows[customer_id] if _end(one) > self.at]

    def add(
        self, customer_id: int, wish: TierWish, *, source: TierSource, batch_id: int | None
    ) -> TierOutcome:
        """Take a wish: write it, leave what is there, or say why not."""
        since, until = wish.since or self.at, wish.until or _NEVER
        met = [one for one in self.rows[customer_id] if _end(one) > since and _start(one) < until]
        if any(
            one.tier == wish.tier and _start(one) <= since and _end(one) >= until for one in met
        ):
            return TierOutcome(customer_id=customer_id)
        if any(_start(one) >= since for one in met):
            return _refused(
                "since",
                "customers.tier_overlaps",
                _("Another tier of %(buyer)s begins in that time.") % {"buyer": wish.buyer},
            )
        if met and (since < self.at or met[0].ended_at is not None):
            return _refused(
                "since",
                "customers.tier_of_the_past",
                _("%(buyer)s had a tier then, and what was stays.") % {"buyer": wish.buyer},
            )
        for one in met:
            self.end(one, since, wish.reason.strip())
        made = CustomerTier(
            customer_id=customer_id,
            tier=wish.tier,
            valid=DateTimeTZRange(since, wish.until),
            reason=wish.reason.strip(),
            source=source,
            batch_id=batch_id,
            set_by=self.by,
            set_at=self.at,
        )
        self.added.append(made)
        self.rows[customer_id].append(made)
        return TierOutcome(customer_id=customer_id, is_new=True)

    def end(self, row: CustomerTier, when: dt.datetime, why: str) -> None:
        """Let a tier end at a moment; one that never began becomes empty."""
        if when <= _start(row):
            row.valid = DateTimeTZRange(empty=True)
        else:
            row.valid = DateTimeTZRange(row.valid.lower, when)
        row.ended_by, row.ended_at, row.end_reason = self.by, self.at, why
        if row.pk is not None:
            self.ended[row.pk] = row

    def write(self) -> None:
        """Write ends first, so that what begins finds its place."""
        CustomerTier.objects.bulk_update(
            list(self.ended.values()),
            ["valid", "ended_by", "ended_at", "end_reason"],
            batch_size=1_000,
        )
        CustomerTier.objects.bulk_create(self.added, batch_size=5_000)


def _require(channel_id: int, actor: Actor) -> None:
    TIERS.require(actor)
    mine = actor.scope_ids("channel", "customers", "A")
    if mine is not None and channel_id not in mine:
        raise errors.ChannelUnknown(
            "customers.channel_unknown", _("There is no such channel among yours."), field="channel"
        )


def _mine(customer_id: int, actor: Actor) -> Customer:
    TIERS.require(actor)
    found = Customer.objects.filter(pk=customer_id).first()
    mine = actor.scope_ids("channel", "customers", "A")
    if found is None or (mine is not None and found.channel_id not in mine):
        raise readers.missing()
    return found


def _checked(wish: TierWish, known: Collection[str], at: dt.datetime) -> TierOutcome:
    """Say what is wrong with a wish by itself."""
    try:
        parse.code(wish.buyer)
    except BadInput as error:
        return _refused("buyer", error.code, str(error))
    if wish.tier not in known or len(wish.tier) > LONGEST_TIER:
        named = ", ".join(sorted(known)) or _("none")
        words = _(
            "No price and no promotion of this channel names a tier %(tier)s; known: %(named)s."
        )
        return _refused(
            "tier", "customers.tier_unknown", words % {"tier": wish.tier[:40], "named": named}
        )
    if wrong := _unreasoned(wish.reason):
        return wrong
    if wish.until is not None and wish.until <= (wish.since or at):
        return _refused("until", "customers.tier_window", _("A tier ends after it begins."))
    return TierOutcome()


def _unreasoned(reason: str) -> TierOutcome | None:
    if 1 <= len(reason.strip()) <= LONGEST_REASON:
        return None
    return _refused("reason", "customers.tier_reason", _("State why, in at most 200 characters."))


def _refused(name: str, code: str, detail: str) -> TierOutcome:
    return TierOutcome(field=name, code=code, detail=detail)


def _start(row: CustomerTier) -> dt.datetime:
    return row.valid.lower or _NEVER


def _end(row: CustomerTier) -> dt.datetime:
    return row.valid.upper or _NEVER


def _record(
    book: _Book, source: TierSource | None, batch_id: int | None, *, actor: Actor, at: dt.datetime
) -> None:
    """Record what was written: one buyer by name, many by their digest."""
    rows = [*book.ended.values(), *book.added]
    if not rows:
        return
    touched = {row.customer_id for row in rows}
    only = touched.pop() if len(touched) == 1 else None
    audit.record(
        actor=actor,
        at=at,
        action="customers.tier_set" if book.added else "customers.tier_ended",
        obj=("customers.tiers", batch_id or at.isoformat()) if only is None else (SUBJECT, only),
        body={
            "source": source.value if source else None,
            "batch": batch_id,
            "begun": len(book.added),
            "ended": len(book.ended),
            "tiers": sorted({row.tier for row in rows}),
            "rows_sha256": content_hash(
                [f"{row.customer_id} {row.tier} {row.valid}" for row in rows]
            ),
        },
    )
