"""What a display plan says: slots with their size, rule, pinned good and period (CAT-4.1-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from catalog.choices.display import SlotRule, SlotSize
from catalog.rules.pages import reading
from ops.engines.kernel import parse
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.errors import BadInput

FIELDS: Final = ("title", "window_days", "slots")
SLOT_FIELDS: Final = (
    "key", "title", "place", "size", "rule", "category", "promotion", "pinned", "since", "until",
)  # fmt: skip
MOST_SLOTS: Final = 60
MOST_DAYS: Final = 90
_FIRST: Final = dt.datetime.min.replace(tzinfo=dt.UTC)
_LAST: Final = dt.datetime.max.replace(tzinfo=dt.UTC)


def read_display(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read a display plan; raises BadInput by field.

    `window_days` is how far back sold pieces are counted. A slot has a name of its own, its place
    on the page, a rule that fills it (also where the pinned good is not on sale), and a period;
    two slots may share a place, never a moment in it.
    """
    reading.known(sent, FIELDS)
    slots = reading.rows(sent, "slots", _slot, most=MOST_SLOTS)
    reading.once([each["key"] for each in slots], "slots")
    _refuse_shared_places(slots)
    days = reading.number(sent, "window_days", least=1)
    if days > MOST_DAYS:
        raise BadInput(
            "catalog.window_days",
            _("At most %(most)s days.") % {"most": MOST_DAYS},
            field="window_days",
        )
    return {
        "title": reading.text(sent, "title", most=60),
        "window_days": days,
        "slots": sorted(slots, key=lambda each: (each["place"], each["since"], each["key"])),
    }


def period(slot: Mapping[str, Any]) -> tuple[dt.datetime, dt.datetime]:
    """Return from when until before when a slot is filled; an open end lies far away."""
    since = dt.datetime.fromisoformat(slot["since"]) if slot["since"] else _FIRST
    return since, dt.datetime.fromisoformat(slot["until"]) if slot["until"] else _LAST


def filled_at(content: Mapping[str, Any], at: dt.datetime) -> list[Mapping[str, Any]]:
    """Return the slots of a plan that are filled at a moment, in the order of the page."""
    found = []
    for slot in content["slots"]:
        since, until = period(slot)
        if since <= at < until:
            found.append(slot)
    return found


def _slot(sent: Mapping[str, Any]) -> dict[str, Any]:
    reading.known(sent, SLOT_FIELDS)
    rule = _word(sent, "rule", SlotRule.values)
    made = {
        "key": _code(sent, "key", most=30),
        "title": reading.text(sent, "title", most=40),
        "place": reading.number(sent, "place", least=1),
        "size": _word(sent, "size", SlotSize.values),
        "rule": rule,
        "category": _code(sent, "category", most=40) if sent.get("category") else "",
        "promotion": _code(sent, "promotion", most=32) if sent.get("promotion") else "",
        "pinned": _code(sent, "pinned", most=64) if sent.get("pinned") else "",
        "since": _moment(sent, "since"),
        "until": _moment(sent, "until"),
    }
    if (rule == SlotRule.CATEGORY) != bool(made["category"]):
        raise BadInput(
            "catalog.slot_category",
            _("A category is named where, and only where, the slot shows one."),
            field="category",
        )
    if made["promotion"] and rule != SlotRule.PROMOTION:
        raise BadInput(
            "catalog.slot_promotion",
            _("A promotion is named only where the slot shows promoted goods."),
            field="promotion",
        )
    since, until = period(made)
    if until <= since:
        raise BadInput("catalog.slot_period", _("It ends before it starts."), field="until")
    return made


def _refuse_shared_places(slots: Sequence[Mapping[str, Any]]) -> None:
    for number, slot in enumerate(slots, 1):
        since, until = period(slot)
        for other in slots[: number - 1]:
            its_since, its_until = period(other)
            if slot["place"] == other["place"] and since < its_until and its_since < until:
                raise BadInput(
                    "catalog.place_taken",
                    _("Slot %(slot)s stands in place %(place)s at that time.")
                    % {"slot": other["key"], "place": other["place"]},
                    field=f"slots.{number}.place",
                )


def _code(sent: Mapping[str, Any], key: str, *, most: int) -> str:
    with reading.at(key):
        return parse.code(sent.get(key), most=most)


def _word(sent: Mapping[str, Any], key: str, words: Collection[str]) -> str:
    if sent.get(key) not in words:
        raise BadInput("input.choice", _("Not a valid choice."), field=key)
    return str(sent[key])


def _moment(sent: Mapping[str, Any], key: str) -> str:
    given = sent.get(key)
    if given in (None, ""):
        return ""
    with reading.at(key):
        text = given.isoformat() if isinstance(given, dt.datetime) else given
        return str(plain(parse.moment(text, zone=parse.BUSINESS_ZONE)))
