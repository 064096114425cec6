"""The daily sheet: one day by channel, beside the day before and the same weekday before."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db import DEFAULT_DB_ALIAS

from catalog.selectors.channels import ChannelInfo
from customers.selectors import facts
from marketing import rules
from marketing.choices import Scope
from marketing.models import DaySheet
from marketing.types import SheetRow, Sums
from ops.engines.kernel.canonical import content_hash

_DAY, _WEEK = dt.timedelta(days=1), dt.timedelta(days=7)


def sheet(
    *, day: dt.date, channels: Iterable[ChannelInfo], using: str = DEFAULT_DB_ALIAS
) -> list[SheetRow]:
    """Return one row per channel that sold on the day or a week before it (MKT-5.4-05)."""
    known = {channel.id: channel for channel in channels}
    sums: dict[tuple[int, dt.date], Sums] = defaultdict(Sums)
    found = facts.sales_days(first=day - _WEEK, last=day, channel_ids=known, using=using)
    for fact in found:
        if fact.scope == Scope.ALL:
            key = (fact.channel_id, fact.day)
            sums[key] = sums[key].plus(
                Sums(orders=fact.orders, units=fact.units, gmv=fact.gmv, returns=fact.returns)
            )
    rows = []
    for channel in sorted(known.values(), key=lambda each: each.code):
        today, week = sums[channel.id, day], sums[channel.id, day - _WEEK]
        if today == Sums() and week == Sums():
            continue
        rows.append(
            SheetRow(
                channel_id=channel.id,
                channel=channel.code,
                name=channel.name,
                currency=channel.currency,
                day=today,
                day_before=sums[channel.id, day - _DAY],
                week_before=week,
                change=rules.change(today.gmv, week.gmv),
                is_flagged=rules.is_flagged(today.gmv, week.gmv),
            )
        )
    return rows


def digest(rows: Iterable[SheetRow]) -> str:
    """Return the hash of the figures an analyst confirms."""
    return content_hash(
        [[row.channel, row.day.orders, row.day.units, row.day.gmv, row.day.returns] for row in rows]
    )


def confirmation(*, day: dt.date) -> DaySheet | None:
    """Return who confirmed the sheet of a day, None while nobody did."""
    return DaySheet.objects.select_related("person").filter(day=day).first()
