"""The dashboard's tiles: marketing declares its own, apps above contribute theirs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise

from ops.engines.desk.declarations import CardCount
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import Policy, declare


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the dashboard is about: the days shown, the days compared with, channels, who asks.

    `channel_ids` None means every channel. `month` is the period as reports take it.
    """

    first: dt.date
    last: dt.date
    before: tuple[dt.date, dt.date]
    month: str
    channel: str
    channel_ids: frozenset[int] | None
    actor: Actor
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One tile: its one query returns a figure with the address of its rows, None hides it."""

    key: str
    title: str | Promise
    query: Callable[[Asked], CardCount | None]
    policy: Policy
    order: int = 100


_tiles: Final[dict[str, Tile]] = {}


def tile(made: Tile) -> Tile:
    """Enter a tile; raises RuntimeError when another one has its key."""
    if _tiles.get(made.key, made) is not made:
        raise RuntimeError(f"tile {made.key} is declared twice")
    declare("tile", made.key, made.policy)
    _tiles[made.key] = made
    return made


def tiles() -> list[Tile]:
    """Return every declared tile in its order."""
    return sorted(_tiles.values(), key=lambda each: (each.order, each.key))
