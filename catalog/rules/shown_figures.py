"""What is wrong with a figure of a place; the same for a file, a door and a service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from catalog.types.shown_figures import Figure, Places, SetPlace


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a figure is refused: the field, a stable code, words for people."""

    field: str
    code: str
    words: str


def wrong(figure: Figure, *, places: Places, today: date) -> Wrong | None:
    """Return what first speaks against a figure, None when nothing does."""
    if not places.knows(figure.place):
        return _unknown(figure)
    if figure.day > today:
        return Wrong("day", "catalog.seen_in_future", _("This day has not come yet."))
    if figure.clicks > figure.shown:
        words = _("More clicks than times shown: %(clicks)s of %(shown)s.")
        return Wrong(
            "clicks",
            "catalog.clicks_not_shown",
            words % {"clicks": figure.clicks, "shown": figure.shown},
        )
    if figure.orders is not None and figure.orders > figure.clicks:
        words = _("More orders than clicks: %(orders)s of %(clicks)s.")
        return Wrong(
            "orders",
            "catalog.orders_not_clicked",
            words % {"orders": figure.orders, "clicks": figure.clicks},
        )
    return None


def _unknown(figure: Figure) -> Wrong:
    if isinstance(figure.place, SetPlace):
        words = _("The channel has no version %(no)s of its recommendations.")
        return Wrong("set", "catalog.place_unknown", words % {"no": figure.place.no})
    words = _("No display plan of this page ever had the slot %(slot)s.")
    return Wrong("slot", "catalog.place_unknown", words % {"slot": figure.place.slot})
