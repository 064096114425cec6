"""Slots are looked at: who stands in whose place is written down and told once (CAT-4.1-03).

What a slot shows is decided when it is read (`selectors.display_slots`); this keeps the evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_noop

from catalog.models import Channel, DisplaySlot, ShopPage, SlotReplacement
from catalog.selectors import display_slots, pages
from catalog.types.display import FilledPage, FilledSlot, WatchReport
from ops.engines.audit import services as audit
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices
from ops.engines.revisions import selectors as revisions
from ops.engines.revisions.types import LiveChange

SUBJECT: Final = "catalog.displayslot"
_REPLACED: Final = gettext_noop("A slot shows another good: %(slot)s on %(page)s, for %(sku)s")


def follow(change: LiveChange, actor: Actor, at: datetime) -> None:
    """Name the slots of a version that lives, and look at its page at once.

    Runs inside the transaction that made the version live, or ended what was live.
    """
    if change.revision_id is not None:
        content = revisions.info_of(revision_id=change.revision_id).content
        _name(change.subject_id, [slot["key"] for slot in content["slots"]], at=at)
    look(page_id=change.subject_id, actor=actor, at=at)


def watch(*, actor: Actor, at: datetime) -> WatchReport:
    """Look at the slots of every page with a display plan; each page commits for itself."""
    ids = revisions.live_rows(kind=pages.DISPLAY, at=at).values_list("piece__subject_id", flat=True)
    stale = SlotReplacement.objects.filter(until__isnull=True).values_list("slot__page_id")
    looked = [
        look(page_id=page_id, actor=actor, at=at)
        for page_id in sorted({*ids, *(page_id for (page_id,) in stale)})
    ]
    return WatchReport(
        pages=len(looked),
        begun=sum(each.begun for each in looked),
        ended=sum(each.ended for each in looked),
    )


def look(*, page_id: int, actor: Actor, at: datetime) -> WatchReport:
    """Write down which goods stand in the place of others on a page; tell its owner what is new.

    A replacement ends when its good is on sale again, when another one takes the place, or when
    the slot is empty or gone. Told is once a version, slot and good.
    """
    with transaction.atomic():
        _lock(page_id)
        filled = display_slots.shown(page_id=page_id, at=at)
        now = {slot.key: slot for slot in filled.slots if slot.is_replaced} if filled else {}
        named = _name(page_id, [slot.key for slot in filled.slots], at=at) if filled else 0
        open_ones = list(
            SlotReplacement.objects.select_for_update(of=("self",), no_key=True)
            .filter(slot__page_id=page_id, until__isnull=True)
            .order_by("pk")
        )
        slots = dict(DisplaySlot.objects.filter(page_id=page_id).values_list("pk", "key"))
        kept = {
            slots[row.slot_id] for row in open_ones if _stands(row, now.get(slots[row.slot_id]))
        }
        over = [row for row in open_ones if slots[row.slot_id] not in kept]
        SlotReplacement.objects.filter(pk__in=[row.pk for row in over]).update(until=at)
        fresh = [slot for key, slot in now.items() if key not in kept]
        if named or over or fresh:
            ended = [slots[row.slot_id] for row in over]
            _record(page_id, filled, begun=fresh, ended=ended, actor=actor, at=at)
        if filled is not None and fresh:
            _begin(filled, fresh, {key: pk for pk, key in slots.items()}, actor=actor, at=at)
        _settle(over, {(slot.key, _id(slot)) for slot in now.values()}, slots, at=at)
        return WatchReport(pages=1, begun=len(fresh), ended=len(over))


def _stands(row: SlotReplacement, slot: FilledSlot | None) -> bool:
    """Say whether a replacement is still as it was written down."""
    if slot is None or slot.wanted is None:
        return False
    shown = slot.shown.sku_id if slot.shown else None
    return (row.wanted_id, row.lack, row.shown_id) == (slot.wanted.sku_id, slot.lack, shown)


def _begin(
    filled: FilledPage,
    fresh: Sequence[FilledSlot],
    slots: Mapping[str, int],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    SlotReplacement.objects.bulk_create(
        [
            SlotReplacement(
                slot_id=slots[slot.key],
                revision_id=filled.revision_id,
                wanted_id=_id(slot),
                lack=lack,
                shown_id=slot.shown.sku_id if slot.shown else None,
                since=at,
            )
            for slot in fresh
            if (lack := slot.lack) is not None
        ]
    )
    for slot in fresh:
        _tell(filled, slot, slots[slot.key], actor=actor, at=at)


def _record(
    page_id: int,
    filled: FilledPage | None,
    *,
    begun: Sequence[FilledSlot],
    ended: Sequence[str],
    actor: Actor,
    at: datetime,
) -> None:
    audit.record(
        actor=actor,
        at=at,
        action="catalog.slots_looked_at",
        obj=("catalog.shoppage", page_id),
        body={
            "version": filled.version if filled else None,
            "begun": [
                {
                    "slot": slot.key,
                    "wanted": slot.wanted.code if slot.wanted else "",
                    "lack": str(slot.lack),
                    "shown": slot.shown.code if slot.shown else "",
                }
                for slot in begun
            ],
            "ended": list(ended),
        },
    )


def _tell(
    filled: FilledPage, slot: FilledSlot, slot_id: int, *, actor: Actor, at: datetime
) -> None:
    """Tell the plan's owner, who wrote its version; of one taken over, the supervisors."""
    owner = revisions.info_of(revision_id=filled.revision_id).drafted_by
    subject = pages.display_subjects([filled.page_id])[filled.page_id]
    notices.notify(
        person_ids=[owner] if owner else (),
        role=None if owner else Role.OPERATIONS_SUPERVISOR,
        area="catalog",
        scope=("channel", filled.channel_id),
        kind="act",
        title=_REPLACED,
        params={
            "slot": slot.title,
            "page": subject.title,
            "sku": slot.wanted.code if slot.wanted else "",
        },
        link=f"{subject.href}#replaced",
        subject=_subject(slot_id, _id(slot)),
        effect_key=f"slot_replaced:{filled.revision_id}:{slot_id}:{_id(slot)}",
        actor=actor,
        at=at,
    )


def _settle(
    over: Sequence[SlotReplacement],
    still: set[tuple[str, int]],
    slots: Mapping[int, str],
    *,
    at: datetime,
) -> None:
    """Take out of inboxes what is back on sale, or no longer wanted."""
    done = [row for row in over if (slots[row.slot_id], row.wanted_id) not in still]
    if done:
        notices.settle_all(subjects=[_subject(row.slot_id, row.wanted_id) for row in done], at=at)


def _subject(slot_id: int, sku_id: int) -> str:
    return f"{SUBJECT}:{slot_id}:{sku_id}"


def _id(slot: FilledSlot) -> int:
    return slot.wanted.sku_id if slot.wanted else 0


def _name(page_id: int, keys: Sequence[str], *, at: datetime) -> int:
    """Remember slots by their names, so that figures and replacements can be about them."""
    known = set(DisplaySlot.objects.filter(page_id=page_id).values_list("key", flat=True))
    fresh = [DisplaySlot(page_id=page_id, key=key, since=at) for key in keys if key not in known]
    return len(DisplaySlot.objects.bulk_create(fresh, ignore_conflicts=True))


def _lock(page_id: int) -> None:
    """Let two looks at one channel follow each other."""
    channel_id = ShopPage.objects.values_list("channel_id", flat=True).get(pk=page_id)
    list(
        Channel.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=channel_id)
        .values_list("pk", flat=True)
    )
