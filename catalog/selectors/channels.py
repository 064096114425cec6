"""Channels by code, and those an actor may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from catalog.models import Channel
from ops.engines.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A channel as other apps know it."""

    id: int
    code: str
    name: str
    platform: str
    currency: str
    go_live_on: dt.date | None


_COLUMNS = ("id", "code", "name", "platform", "currency", "go_live_on")


def channel(channel_id: int) -> ChannelInfo:
    """Return one channel; it must exist."""
    return ChannelInfo(*Channel.objects.values_list(*_COLUMNS).get(pk=channel_id))


def ids_of(codes: Collection[str]) -> list[int]:
    """Return the ids of the channels with these codes; unknown codes have none."""
    return list(Channel.objects.filter(code__in=codes).values_list("id", flat=True))


def names(members: Collection[str]) -> dict[str, str]:
    """Return the names of channels by their ids as text."""
    ids = [int(member) for member in members if member.isdigit()]
    rows = Channel.objects.filter(pk__in=ids).values_list("id", "name")
    return {str(pk): name for pk, name in rows}


def visible(*, actor: Actor, area: str = "catalog") -> list[ChannelInfo]:
    """Return the channels the actor may see in an area, in the order of their codes."""
    rows = Channel.objects.all()
    mine = actor.scope_ids("channel", area)
    if mine is not None:
        rows = rows.filter(pk__in=mine)
    return [ChannelInfo(*row) for row in rows.order_by("code").values_list(*_COLUMNS)]


def all_ids() -> list[int]:
    """Return the ids of all channels."""
    return list(Channel.objects.order_by("pk").values_list("pk", flat=True))


def choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the channels the actor works in as id and name, for a field or a filter."""
    return [(str(channel.id), channel.name) for channel in visible(actor=actor)]
