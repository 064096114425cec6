"""The period chip: today's business day, and whether its books are open, per module."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.core.cache import cache
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops.engines.desk.states import Badge, Tone
from ops.engines.kernel.parse import business_day
from ops.engines.periods import selectors as periods
from ops.engines.periods.choices import Module, PeriodState

KEPT_SECONDS: Final = 30
_checklists: list[str] = []
_BADGES: Final = {
    PeriodState.OPEN: Badge(gettext_lazy("open"), Tone.RUNNING),
    PeriodState.HOLD: Badge(gettext_lazy("on hold"), Tone.WAITING),
    PeriodState.CLOSED: Badge(gettext_lazy("closed"), Tone.DONE),
}
_NOT_YET: Final = Badge(gettext_lazy("not opened"), Tone.NEUTRAL)


@dataclass(frozen=True, slots=True)
class ModuleState:
    """One module's books on the business day."""

    title: str | Promise
    state: Badge


@dataclass(frozen=True, slots=True)
class Chip:
    """What the top bar says of the period."""

    title: str
    word: str
    today: str
    modules: Sequence[ModuleState]
    href: str = ""


def checklist(url_name: str) -> None:
    """Say which screen is the closing checklist the chip leads to."""
    _checklists[:] = [url_name]


def chip(*, at: dt.datetime) -> Chip:
    """Return the chip; asked of the database at most twice a minute."""
    today = business_day(at)
    key = f"desk.period.{today}"
    states: dict[str, str | None] | None = cache.get(key)
    if states is None:
        states = {
            module.value: periods.state_on(module=module.value, day=today) for module in Module
        }
        cache.set(key, states, KEPT_SECONDS)
    modules = [
        ModuleState(Module(name).label, _BADGES[PeriodState(state)] if state else _NOT_YET)
        for name, state in states.items()
    ]
    worst = next((m.state.label for m in modules if m.state.tone != Tone.RUNNING), _("open"))
    href = reverse(_checklists[0]) if _checklists else ""
    return Chip(f"{today:%Y-%m}", str(worst), today.isoformat(), modules, href)
