"""The dashboard's figures out of the stored sums: two queries, one currency, nothing mixed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Sum

from catalog.selectors import channels
from catalog.selectors.channels import ChannelInfo
from marketing.choices import Scope
from marketing.models import SalesDay
from marketing.ports import Asked
from marketing.rules import BASE_CURRENCY
from marketing.types import Board, Sums
from ops.engines.kernel.actor import Actor

MOST_BARS = 8


def my_channels(actor: Actor) -> list[ChannelInfo]:
    """Return the channels whose sales the actor may see."""
    return channels.visible(actor=actor, area="marketing")


def newest_day(*, channel_ids: Iterable[int] | None = None) -> dt.date | None:
    """Return the newest day with stored sums, None while there are none."""
    rows = SalesDay.objects.all()
    if channel_ids is not None:
        rows = rows.filter(channel_id__in=list(channel_ids))
    return rows.order_by("-day").values_list("day", flat=True).first()


def board(asked: Asked, mine: Iterable[ChannelInfo]) -> Board:
    """Return what the dashboard shows, in the base currency when anything was sold in it.

    Amounts of other currencies are left out and named, because they do not add up.
    """
    known = {channel.id: channel for channel in mine}
    rows = (
        SalesDay.objects.filter(scope=Scope.ALL, channel_id__in=_reach(asked, known))
        .filter(day__gte=asked.before[0], day__lte=asked.last)
        .values_list("day", "channel_id", "country")
        .order_by("day")
        .annotate(Sum("orders"), Sum("units"), Sum("gmv"), Sum("returns"))
    )
    found = [(day, known[c], land, _sums(*rest)) for day, c, land, *rest in rows]
    currencies = _currencies(found, asked)
    currency = currencies[0] if currencies else BASE_CURRENCY
    days: dict[dt.date, Sums] = defaultdict(Sums)
    former_days: dict[int, Sums] = defaultdict(Sums)
    by_channel: dict[ChannelInfo, Decimal] = defaultdict(Decimal)
    by_country: dict[str, Decimal] = defaultdict(Decimal)
    for day, channel, country, sums in found:
        if channel.currency != currency:
            continue
        if day >= asked.first:
            days[day] = days[day].plus(sums)
            by_channel[channel] += sums.gmv
            by_country[country] += sums.gmv
        elif day <= asked.before[1]:
            former_days[day.day] = former_days[day.day].plus(sums)
    return Board(
        currency=currency,
        others=currencies[1:],
        total=_all(days.values()),
        former=_all(former_days.values()),
        days=dict(days),
        former_days=dict(former_days),
        channels=[
            (channel.code, channel.name, amount)
            for channel, amount in sorted(by_channel.items(), key=lambda pair: -pair[1])
        ][:MOST_BARS],
        countries=sorted(by_country.items(), key=lambda pair: -pair[1])[:MOST_BARS],
    )


def _reach(asked: Asked, known: dict[int, ChannelInfo]) -> list[int]:
    return [i for i in known if asked.channel_ids is None or i in asked.channel_ids]


def _currencies(found: list[tuple[dt.date, ChannelInfo, str, Sums]], asked: Asked) -> list[str]:
    """Return the currencies sold in, the base currency first, then by amount."""
    sold: dict[str, Decimal] = defaultdict(Decimal)
    for day, channel, _country, sums in found:
        if day >= asked.first:
            sold[channel.currency] += sums.gmv
    return sorted(sold, key=lambda code: (code != BASE_CURRENCY, -sold[code]))


def _sums(orders: int, units: int, gmv: Decimal, returns: Decimal) -> Sums:
    return Sums(orders=orders, units=units, gmv=gmv, returns=returns)


def _all(parts: Iterable[Sums]) -> Sums:
    whole = Sums()
    for part in parts:
        whole = whole.plus(part)
    return whole
