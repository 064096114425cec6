"""What sells together: a rule two weeks old, and a stricter one since last week."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from catalog.services import recommending
from ops.demo.plan import SYSTEM
from ops.demo.scene import Scene


def recommend(scene: Scene) -> int:
    """Build two versions on past days and let yesterday measure them; return the pairs in them."""
    shop = scene.company.shop("tmall")
    pairs = 0
    for days, support, why in ((15, 2, "先按最低要求试用"), (8, 3, "减少偶然同购的商品")):
        day = scene.plan.today - dt.timedelta(days=days)
        at = scene.plan.at - dt.timedelta(days=days - 1)
        recommending.set_rule(
            channel_id=shop.id,
            window_days=60,
            min_support=support,
            min_lift=Decimal("1.2"),
            top=8,
            why=why,
            actor=scene.actor("supervisor"),
            at=at,
        )
        made = recommending.build(channel_id=shop.id, day=day, actor=SYSTEM, at=at)
        pairs += made.pairs if made else 0
    recommending.build_due(
        day=scene.plan.today - dt.timedelta(days=1), actor=SYSTEM, at=scene.plan.at
    )
    return pairs
