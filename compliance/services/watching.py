"""Checking the whole sealed trail where it stands, and telling those who must know."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_noop

from ops.engines.audit import checking
from ops.engines.audit import services as audit
from ops.engines.audit.types import TRAIL_CHECKED
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind

MOST_TOLD: Final = 100
_WRONG = gettext_noop("The sealed audit trail differs in %(count)s places")
_WATCHERS: Final = (Role.AUDITOR, Role.COMPLIANCE_OFFICER, Role.INFORMATION_SUPERVISOR)


def check_trail(*, actor: Actor, at: dt.datetime) -> list[str]:
    """Check every leaf, anchor and copy; record the outcome, tell the watchers of differences."""
    found = checking.differences()
    with transaction.atomic():
        audit.record(
            actor=actor,
            at=at,
            action=TRAIL_CHECKED,
            body={"differences": len(found), "told": found[:MOST_TOLD]},
        )
        for role in _WATCHERS if found else ():
            notices.notify(
                kind=NoticeKind.ACT,
                title=_WRONG,
                params={"count": len(found)},
                link="/audit/anchors/",
                subject=f"audit.trail:{at:%Y-%m-%d}",
                role=role,
                actor=actor,
                at=at,
            )
    return found
