"""Files of search ranks, and a source that brings them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.models import Channel
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.sources import services as sources
from ops.engines.sources.types import FileInfo, Terms
from ops.engines.tables.services import import_file
from ops.engines.tables.types import BatchInfo
from tests.engines.identity.factories import AT, SYSTEM

HEAD = "day,keyword,code,rank,impressions,clicks"
TERMS = Terms(
    title="生意参谋搜索排名",
    rhythm="daily",
    hour=9,
    owner="operations_specialist",
    licence="平台授权",
)


def day(back: int = 0, *, at: datetime = AT) -> str:
    """Return a business day so many days ago."""
    return (business_day(at) - timedelta(days=back)).isoformat()


def table(rows: Iterable[str], head: str = HEAD) -> str:
    """Return a file."""
    return "\n".join([head, *rows]) + "\n"


def bring(
    folder: Path, rows: Iterable[str], *, head: str = HEAD, at: datetime = AT, **options: Any
) -> BatchInfo:
    """Import search ranks of the shop's channel."""
    path = folder / "ranks.csv"
    path.write_text(table(rows, head), encoding="utf-8")
    return import_file(
        profile="search_rank",
        path=path,
        name=path.name,
        actor=SYSTEM,
        at=at,
        options={"channel": "tmall", **options},
    )


def open_source(
    code: str = "tmall-ranks",
    *,
    profile: str = "search_rank",
    actor: Actor = SYSTEM,
    at: datetime = AT,
) -> int:
    """Open a source of the shop's channel."""
    place = f"channel:{Channel.objects.get(code='tmall').code}"
    made = sources.open_source(
        code=code, profile=profile, place=place, terms=TERMS, actor=actor, at=at
    )
    return made.id


def send(
    source_id: int, folder: Path, text: str, actor: Actor, *, name: str = "a.csv",
    at: datetime = AT,
) -> FileInfo:  # fmt: skip
    """Send a file to a source."""
    path = folder / "sent"
    path.write_text(text, encoding="utf-8")
    return sources.send_file(source_id=source_id, path=path, name=name, actor=actor, at=at)
