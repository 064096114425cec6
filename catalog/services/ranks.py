"""Search ranks are taken over set by set; a corrected figure replaces the one it corrects.

Nothing doubles: a day, or a week, of a word and its goods counts once. A file replaces what it says
anew and leaves alone what it does not mention, so that mended rows may be sent by themselves; the
figure that was replaced stays with its import (CAT-4.3-14).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from catalog.models import Channel
from catalog.types.ranks import RankRow, Taken
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.policy import may

TAKE: Final = may("catalog", "C")
_ROWS: Final = """
unnest(%(lines)s::int[], %(words)s::text[], %(products)s::bigint[], %(pages)s::bigint[],
       %(firsts)s::date[], %(lasts)s::date[], %(ranks)s::int[], %(impressions)s::bigint[],
       %(clicks)s::bigint[])
    AS g(line, word, product_id, page_id, first_on, last_on, rank, impressions, clicks)
"""
_FOLLOW: Final = f"""
INSERT INTO catalog_searchkeyword (channel_id, word, product_id, page_id, since)
SELECT DISTINCT %(channel)s::bigint, g.word, g.product_id, g.page_id, %(at)s::timestamptz
FROM {_ROWS}
ORDER BY g.word, g.product_id, g.page_id
ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants only
_GIVEN: Final = f"""
given AS MATERIALIZED (
    SELECT k.id AS keyword_id, g.*
    FROM {_ROWS}
    JOIN catalog_searchkeyword k ON k.channel_id = %(channel)s AND k.word = g.word
     AND k.product_id IS NOT DISTINCT FROM g.product_id
     AND k.page_id IS NOT DISTINCT FROM g.page_id
    WHERE g.line <> ALL(%(clashes)s::int[])
)
"""  # noqa: S608 - constants only
# Days where the week is counted as a whole, or the week where its days are.
_CLASH: Final = f"""
WITH {_GIVEN}
SELECT DISTINCT g.line FROM given g
JOIN catalog_searchrank r ON r.keyword_id = g.keyword_id AND r.replaced_at IS NULL
 AND r.first_on <= g.last_on AND r.last_on >= g.first_on
 AND (r.first_on <> g.first_on OR r.last_on <> g.last_on)
"""  # noqa: S608 - constants only
_REPLACE: Final = f"""
WITH {_GIVEN}
UPDATE catalog_searchrank r SET replaced_at = %(at)s, replaced_by_id = %(batch)s
FROM given g
WHERE r.keyword_id = g.keyword_id AND r.first_on = g.first_on AND r.last_on = g.last_on
  AND r.replaced_at IS NULL
  AND (r.rank, r.impressions, r.clicks) IS DISTINCT FROM (g.rank, g.impressions, g.clicks)
"""  # noqa: S608 - constants only
_KEEP: Final = f"""
WITH {_GIVEN}
INSERT INTO catalog_searchrank
    (keyword_id, first_on, last_on, rank, impressions, clicks, source, batch_id, kept_at)
SELECT g.keyword_id, g.first_on, g.last_on, g.rank, g.impressions, g.clicks, %(source)s,
       %(batch)s, %(at)s
FROM given g
WHERE NOT EXISTS (
    SELECT FROM catalog_searchrank r
    WHERE r.keyword_id = g.keyword_id AND r.first_on = g.first_on AND r.last_on = g.last_on
      AND r.replaced_at IS NULL)
ORDER BY g.keyword_id, g.first_on
"""  # noqa: S608 - constants only


def take_ranks(
    *,
    channel_id: int,
    rows: Sequence[RankRow],
    source: str,
    batch_id: int,
    actor: Actor,
    at: datetime,
) -> Taken:
    """Take figures of a channel over; of each word, its goods and its days one row at most.

    Raises Forbidden; IntegrityError for what the file's checks let through.
    """
    TAKE.require(actor)
    values: dict[str, Any] = {
        "channel": channel_id,
        "source": source[:40],
        "batch": batch_id,
        "at": at,
        "clashes": "{}",
        "lines": array(row.line for row in rows),
        "words": array(row.word for row in rows),
        "products": array(row.product_id for row in rows),
        "pages": array(row.page_id for row in rows),
        "firsts": array(row.first_on for row in rows),
        "lasts": array(row.last_on for row in rows),
        "ranks": array(row.rank for row in rows),
        "impressions": array(row.impressions for row in rows),
        "clicks": array(row.clicks for row in rows),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # Two files of a channel, one after the other: neither overlooks what the other brings.
        Channel.objects.select_for_update(of=("self",), no_key=True).get(pk=channel_id)
        cursor.execute(_FOLLOW, values)
        cursor.execute(_CLASH, values)
        clashes = frozenset(line for (line,) in cursor.fetchall())
        values["clashes"] = array(sorted(clashes))
        cursor.execute(_REPLACE, values)
        replaced = int(cursor.rowcount)
        cursor.execute(_KEEP, values)
        kept = int(cursor.rowcount)
        taken = Taken(
            new=kept - replaced,
            replaced=replaced,
            same=len(rows) - len(clashes) - kept,
            clashes=clashes,
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.search_ranks_taken",
            obj=("catalog.channel", channel_id),
            body={
                "source": source,
                "batch": batch_id,
                "rows": len(rows),
                "new": taken.new,
                "replaced": replaced,
                "same": taken.same,
            },
        )
        return taken
