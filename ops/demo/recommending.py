"""What sells together: a rule two weeks old, and a stricter one since last week."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from catalog.models import RecommendationPair
from catalog.services import recommending, shown_figures
from catalog.types.recommendations import SetInfo
from catalog.types.shown_figures import Figure, SetPlace
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
        if made:
            _tell_clicks(scene, made, permille=21 if support == 2 else 29)
    recommending.build_due(
        day=scene.plan.today - dt.timedelta(days=1), actor=SYSTEM, at=scene.plan.at
    )
    return pairs


def _tell_clicks(scene: Scene, made: SetInfo, *, permille: int) -> None:
    """Let the channel tell a week of clicks on the goods a version recommends most."""
    draws = scene.plan.draws(f"clicks {made.no}")
    pairs = RecommendationPair.objects.filter(set_id=made.id).order_by("-together", "pk")[:20]
    skus = list(dict.fromkeys(pairs.values_list("other_id", flat=True)))[:5]
    first = made.last + dt.timedelta(days=1)
    figures = []
    for sku_id in skus:
        for days in range(7):
            times = draws.randint(300, 700)
            clicks = round(times * permille * draws.uniform(0.7, 1.3) / 1000)
            figures.append(
                Figure(
                    place=SetPlace(made.no),
                    sku_id=sku_id,
                    day=first + dt.timedelta(days=days),
                    shown=times,
                    clicks=clicks,
                    orders=round(clicks * draws.uniform(0.02, 0.1)),
                )
            )
    shown_figures.take(
        channel_id=made.channel_id, figures=figures, source="demo", actor=SYSTEM, at=scene.plan.at
    )
