"""Figures of places are taken over: once a day, place and good; a later one replaces a former.

CAT-4.1-03, CAT-4.1-04. One statement, whatever the number; the database keeps what was replaced.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from catalog.errors.goods import ThingMissing
from catalog.models import Channel
from catalog.rules import shown_figures as rules
from catalog.selectors import codes
from catalog.selectors import shown_figures as selectors
from catalog.types.shown_figures import Figure, Places, SetPlace, SlotPlace, Taken
from ops.engines.audit import services as audit
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may

TELL: Final = may("catalog", "C")
_TAKE: Final = """
INSERT INTO catalog_shownfigure AS w
    (slot_id, set_id, sku_id, day, shown, clicks, orders, source, told_by, told_at)
SELECT g.slot_id, g.set_id, g.sku_id, g.day, g.shown, g.clicks, g.orders, %(source)s, %(by)s,
       %(at)s
FROM unnest(%(slots)s::bigint[], %(sets)s::bigint[], %(skus)s::bigint[], %(days)s::date[],
            %(shown)s::bigint[], %(clicks)s::bigint[], %(orders)s::bigint[])
    AS g(slot_id, set_id, sku_id, day, shown, clicks, orders)
ORDER BY g.day, g.slot_id, g.set_id, g.sku_id
ON CONFLICT ON CONSTRAINT shownfigure_once_a_day DO UPDATE
   SET shown = excluded.shown, clicks = excluded.clicks, orders = excluded.orders,
       source = excluded.source, told_by = excluded.told_by, told_at = excluded.told_at
 WHERE (w.shown, w.clicks, w.orders) IS DISTINCT FROM
       (excluded.shown, excluded.clicks, excluded.orders) AND w.told_at <= excluded.told_at
RETURNING xmax = 0
"""


def take(
    *, channel_id: int, figures: Sequence[Figure], source: str, actor: Actor, at: datetime
) -> Taken:
    """Take over what a channel says of its places; nothing of it where one figure is wrong.

    Raises Forbidden, ThingMissing (channel unknown or outside the actor's scope), and BadInput
    naming the figure by its place in the batch and its field.
    """
    TELL.require(actor)
    with transaction.atomic():
        _lock(channel_id, actor)
        places = selectors.places(channel_id=channel_id)
        _refuse_wrong(figures, places, at)
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, {**_columns(figures, places), "source": source[:200],
                                   "by": actor.person_id, "at": at})  # fmt: skip
            fresh = Counter(is_new for (is_new,) in cursor.fetchall())
        taken = Taken(
            new=fresh[True], changed=fresh[False], same=len(figures) - sum(fresh.values())
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.shown_figures_taken",
            obj=("catalog.channel", channel_id),
            body={
                "source": source,
                "rows": len(figures),
                "new": taken.new,
                "changed": taken.changed,
            },
        )
        return taken


def _lock(channel_id: int, actor: Actor) -> None:
    """Let two batches of one channel follow each other."""
    allowed = actor.scope_ids("channel", "catalog", "C")
    rows = Channel.objects.select_for_update(of=("self",), no_key=True).filter(pk=channel_id)
    if rows.first() is None or (allowed is not None and channel_id not in allowed):
        raise ThingMissing("channel", channel_id)


def _refuse_wrong(figures: Sequence[Figure], places: Places, at: datetime) -> None:
    today = parse.business_day(at)
    seen = set()
    for number, figure in enumerate(figures, 1):
        found = rules.wrong(figure, places=places, today=today)
        if found is not None:
            raise BadInput(found.code, found.words, field=f"figures.{number}.{found.field}")
        key = (figure.place, figure.day, figure.sku_id)
        if key in seen:
            raise BadInput(
                "input.twice",
                _("The same good, place and day stand twice."),
                field=f"figures.{number}.sku",
            )
        seen.add(key)
    unknown = codes.unknown_skus(sku_ids={figure.sku_id for figure in figures})
    if unknown:
        raise ThingMissing("sku", unknown[0])


def _columns(figures: Sequence[Figure], places: Places) -> dict[str, str]:
    return {
        "slots": array(
            places.slots[one.place] if isinstance(one.place, SlotPlace) else None for one in figures
        ),
        "sets": array(
            places.sets[one.place] if isinstance(one.place, SetPlace) else None for one in figures
        ),
        "skus": array(one.sku_id for one in figures),
        "days": array(one.day for one in figures),
        "shown": array(one.shown for one in figures),
        "clicks": array(one.clicks for one in figures),
        "orders": array(one.orders for one in figures),
    }
