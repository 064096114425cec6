"""The checks of the day: one warehouse opened in order, one with something amiss, one waits."""

from __future__ import annotations

import uuid
from typing import Final

from ops.demo.plan import SYSTEM
from ops.demo.scene import Scene
from ops.engines.jobs import services as jobs
from ops.engines.sheets import selectors, services
from ops.engines.sheets.models import Sheet
from ops.engines.sheets.types import Entry

_OPENED: Final = (("HZ", "keeper", ""), ("GZ", "keeper2", "goods"))
_AMISS: Final = "B 区 3 号货架的封条被动过，已拍照并通知店长。"


def keep_checks(scene: Scene) -> int:
    """Open the checks that are due today, let the keepers sign; return how many were signed."""
    at, today = scene.plan.at, scene.plan.today
    for name, period in (
        ("warehouse_check_open", today.isoformat()),
        ("inspection_open", f"{today:%Y-%m}"),
    ):
        jobs.run_now(name=name, period=period, actor=SYSTEM, at=at)
    for code, keeper, amiss in _OPENED:
        sheet = Sheet.objects.get(
            template__key="warehouse_opening",
            scope_id=scene.company.warehouses[code].id,
            period=today.isoformat(),
        )
        actor = scene.actor(keeper)
        entries = [
            Entry(
                item=item.key,
                value="no" if item.key == amiss else "yes",
                note=_AMISS if item.key == amiss else "",
                client_key=uuid.UUID(int=scene.plan.draws(f"{code}:{item.key}").getrandbits(128)),
            )
            for item in selectors.items_of(sheet.version)
            if item.is_required
        ]
        services.answer(sheet_id=sheet.pk, entries=entries, actor=actor, at=at)
        services.sign(
            sheet_id=sheet.pk,
            content_hash=selectors.content_hash(sheet.pk),
            actor=actor,
            at=at,
        )
    return len(_OPENED)
