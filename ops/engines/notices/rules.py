"""When a notice is mailed: at once, with the day's digest, after quiet hours, or never."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from ops.engines.kernel.parse import BUSINESS_ZONE
from ops.engines.notices.choices import MailMode, NoticeKind


class Wishes(Protocol):
    """What a reader wants of mail."""

    act_mode: str
    fyi_mode: str
    run_mode: str
    digest_hour: int
    quiet_from: int | None
    quiet_until: int | None


class Told(Protocol):
    """What of a notice decides when it is mailed."""

    kind: str
    is_alarm: bool


def due_at(wishes: Wishes, notice: Told, *, at: dt.datetime) -> dt.datetime | None:
    """Return the moment a notice is mailed; None means never. An alarm is mailed at once."""
    if notice.is_alarm:
        return at
    mode = {
        NoticeKind.ACT: wishes.act_mode,
        NoticeKind.FYI: wishes.fyi_mode,
        NoticeKind.RUN: wishes.run_mode,
    }[NoticeKind(notice.kind)]
    if mode == MailMode.NEVER:
        return None
    due = next_hour(at, wishes.digest_hour) if mode == MailMode.DAILY else at
    if wishes.quiet_from is None or wishes.quiet_until is None:
        return due
    if is_quiet(due, wishes.quiet_from, wishes.quiet_until):
        return next_hour(due, wishes.quiet_until)
    return due


def is_quiet(at: dt.datetime, first: int, until: int) -> bool:
    """Say whether a moment lies in the hours from `first` to `until`, over midnight or not."""
    hour = at.astimezone(BUSINESS_ZONE).hour
    return first <= hour < until if first < until else hour >= first or hour < until


def next_hour(at: dt.datetime, hour: int) -> dt.datetime:
    """Return the next moment the house's clock shows a full hour."""
    local = at.astimezone(BUSINESS_ZONE)
    due = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return (due if due > local else due + dt.timedelta(days=1)).astimezone(dt.UTC)
