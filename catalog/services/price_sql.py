"""The statements by which prices start and end, each for any number of lines."""

from typing import Final

# Windows as the calendar sees them: a lasting change is the moment at which it starts.
OVERLAPS: Final = """
SELECT o.number, l.sku_id
FROM catalog_pricechangeline mine
JOIN catalog_pricechangeline l ON l.sku_id = mine.sku_id AND l.change_id <> mine.change_id
JOIN catalog_pricechange o
  ON o.id = l.change_id AND o.channel_id = %(channel)s AND o.tier = %(tier)s
WHERE mine.change_id = %(change)s
  AND (o.state = 'scheduled' OR (o.state = 'active' AND o.ends_at > %(at)s))
  AND tstzrange(o.starts_at, coalesce(o.ends_at, o.starts_at),
                CASE WHEN o.ends_at IS NULL THEN '[]' ELSE '[)' END)
   && tstzrange(%(starts)s::timestamptz, coalesce(%(ends)s::timestamptz, %(starts)s),
                CASE WHEN %(ends)s::timestamptz IS NULL THEN '[]' ELSE '[)' END)
ORDER BY o.id, l.sku_id
"""

_LINES: Final = """
SELECT c.id AS change_id, c.channel_id, c.tier, c.ends_at, c.approval_id, l.sku_id, l.new_price
FROM catalog_pricechange c JOIN catalog_pricechangeline l ON l.change_id = c.id
WHERE c.id = ANY(%(changes)s)
"""

# In the way is any price of the window except the open one that runs on (it will be cut) and a
# return to a former price that has not begun (it will be emptied).
CLASHES: Final = f"""
WITH lines AS ({_LINES})
SELECT DISTINCT l.change_id
FROM lines l
JOIN catalog_pricerange r ON r.sku_id = l.sku_id AND r.channel_id = l.channel_id
 AND r.tier = l.tier AND r.valid && tstzrange(%(start)s::timestamptz, l.ends_at)
WHERE NOT (upper_inf(r.valid)
           AND (r.kind = 'revert' OR coalesce(lower(r.valid), '-infinity') < %(start)s))
"""  # noqa: S608 - constants only

CUT: Final = f"""
WITH lines AS ({_LINES})
UPDATE catalog_pricerange r
SET valid = tstzrange(lower(r.valid), %(start)s::timestamptz), cut_by_id = l.change_id
FROM lines l
WHERE r.sku_id = l.sku_id AND r.channel_id = l.channel_id AND r.tier = l.tier
  AND upper_inf(r.valid)
  AND coalesce(lower(r.valid), '-infinity') < %(start)s
"""  # noqa: S608 - constants only

EMPTY: Final = f"""
WITH lines AS ({_LINES})
UPDATE catalog_pricerange r SET valid = 'empty', cut_by_id = l.change_id
FROM lines l
WHERE r.sku_id = l.sku_id AND r.channel_id = l.channel_id AND r.tier = l.tier
  AND upper_inf(r.valid)
  AND r.kind = 'revert' AND lower(r.valid) >= %(start)s
  AND r.valid && tstzrange(%(start)s::timestamptz, l.ends_at, '[]')
"""  # noqa: S608 - constants only

START: Final = f"""
INSERT INTO catalog_pricerange
    (sku_id, channel_id, tier, price, valid, kind, approval_id, change_id)
SELECT l.sku_id, l.channel_id, l.tier, l.new_price,
       tstzrange(%(start)s::timestamptz, l.ends_at), 'change', l.approval_id, l.change_id
FROM ({_LINES}) l
ORDER BY l.sku_id
"""  # noqa: S608 - constants only

# Back to what was displaced: the price that was cut at the start, or the return that was emptied.
RETURN: Final = f"""
INSERT INTO catalog_pricerange
    (sku_id, channel_id, tier, price, valid, kind, approval_id, change_id)
SELECT l.sku_id, l.channel_id, l.tier, r.price, tstzrange(l.ends_at, NULL), 'revert',
       l.approval_id, l.change_id
FROM ({_LINES}) l
JOIN catalog_pricerange r ON r.cut_by_id = l.change_id AND r.sku_id = l.sku_id
WHERE l.ends_at IS NOT NULL
ORDER BY l.sku_id
"""  # noqa: S608 - constants only

# Suspended: the change's own prices that run now, or would have started, end at once.
CUT_OFF: Final = """
UPDATE catalog_pricerange r
SET valid = tstzrange(lower(r.valid), greatest(%(at)s::timestamptz, lower(r.valid) + '1 us')),
    cut_by_id = %(change)s
WHERE r.change_id = %(change)s AND r.kind = 'change'
  AND (upper_inf(r.valid) OR upper(r.valid) > greatest(%(at)s, lower(r.valid) + '1 us'))
"""
