"""Which good stands in which slot: pinned goods first, then each rule's best in order of the page.

No good stands twice on a page. A good that is not on sale is passed over once, by the first slot
that wants it; the slots after it move on. So it is back in its slot as soon as it is on sale again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.choices.display import SlotRule, SlotSize
from catalog.types.display import Candidate, FilledSlot


def fill(
    slots: Sequence[Mapping[str, Any]],
    *,
    pins: Mapping[str, Candidate],
    rankings: Mapping[str, Sequence[Candidate]],
) -> list[FilledSlot]:
    """Return what each slot shows; `pins` by SKU code, `rankings` by slot, best first."""
    left = dict(pins)
    taken = {pin.sku_id for pin in pins.values()}
    filled = []
    for slot in slots:
        wanted = left.pop(slot["pinned"], None)
        if wanted is not None and wanted.lack is None:
            filled.append(_filled(slot, wanted=wanted, shown=wanted))
            continue
        shown = None
        for candidate in rankings.get(slot["key"], ()):
            if candidate.sku_id in taken:
                continue
            taken.add(candidate.sku_id)
            wanted = wanted or candidate
            if candidate.lack is None:
                shown = candidate
                break
        filled.append(_filled(slot, wanted=wanted, shown=shown))
    return filled


def _filled(
    slot: Mapping[str, Any], *, wanted: Candidate | None, shown: Candidate | None
) -> FilledSlot:
    return FilledSlot(
        key=slot["key"],
        title=slot["title"],
        place=slot["place"],
        size=SlotSize(slot["size"]),
        rule=SlotRule(slot["rule"]),
        wanted=wanted,
        shown=shown,
        is_pinned=shown is not None and shown.code == slot["pinned"],
    )
