"""Files the desk itself takes: the working calendar of a year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from ops.engines.clocks import selectors, services
from ops.engines.clocks.calendars import KINDS, CalendarDay
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.tables.intake import Intake
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo, LoadResult

_WORDS: Final = {**KINDS, "休": False, "班": True, "假日": False, "补班": True}


def day_kind(text: str) -> bool:
    """Read whether a day is worked: holiday or makeup_workday, 休 or 班. Raises BadInput."""
    if text.strip().casefold() not in _WORDS:
        raise BadInput("input.day_kind", _("Neither a holiday nor a make-up workday."))
    return _WORDS[text.strip().casefold()]


WORKING_CALENDAR: Final = Profile(
    "working_calendar",
    _("Working calendar of a year"),
    columns=(
        Column("day", headers=("day", "date", "日期"), parse=parse.day),
        Column("is_working", headers=("kind", "类型", "休/班"), parse=day_kind),
        Column(
            "name_zh", headers=("name_zh", "holiday_zh", "节日"), parse=parse.text, required=False
        ),
        Column("name_en", headers=("name_en", "holiday_en"), parse=parse.text, required=False),
    ),
    comment="#",
)


def load_calendar(
    batch: BatchInfo, intake: Intake, *, actor: Actor, at: dt.datetime, options: Mapping[str, Any]
) -> LoadResult:
    """Take the year; running time limits move along."""
    days = [
        CalendarDay(
            day=row.values["day"],
            is_working=row.values["is_working"],
            name_zh=row.values["name_zh"] or "",
            name_en=row.values["name_en"] or "",
        )
        for row in intake.rows()
    ]
    change = services.import_year(days=days, source=batch.file_name, actor=actor, at=at)
    return LoadResult(
        accepted=len(days),
        totals={"days_changed": len(change.days), "limits_moved": change.moved},
    )


register_profile(WORKING_CALENDAR, load=load_calendar, policy=selectors.MANAGE_CALENDAR)
