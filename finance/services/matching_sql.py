"""Matching in SQL: statement lines and our records meet in joins; constants only.

A line of a reconciled file is matched unless a break names it, so that a million matched lines are
never written a second time. Parameters: channel, first, last (business days), provider.
"""

from __future__ import annotations

from typing import Final

from customers.selectors.payments import PAYMENTS

LOCK: Final = "SELECT pg_advisory_xact_lock(7041001, %(channel)s)"

# Days of fresh files and of open breaks are looked at again, whatever days were asked for.
SPAN: Final = """
SELECT least(%(first)s::date, min(first)), greatest(%(last)s::date, max(last)) FROM (
    SELECT min(first_day) AS first, max(last_day) AS last FROM finance_settlementfile
     WHERE channel_id = %(channel)s AND reconciled_at IS NULL
    UNION ALL
    SELECT min(occurred_on), NULL FROM finance_break
     WHERE channel_id = %(channel)s AND state = 'open' AND source <> 'file') s
"""

# Some platforms put a mark of theirs before our order number (T200P...).
_KEY: Final = "CASE WHEN {0} LIKE 'T%%' THEN regexp_replace({0}, '^T[0-9]+P', '') ELSE {0} END"

DAYS: Final = """
CREATE TEMP TABLE rec_day ON COMMIT DROP AS
SELECT DISTINCT d::date AS day
  FROM finance_settlementfile f, generate_series(f.first_day, f.last_day, interval '1 day') d
 WHERE f.channel_id = %(channel)s AND d::date BETWEEN %(first)s::date - 7 AND %(last)s::date + 3
"""

OURS: Final = f"""
CREATE TEMP TABLE rec_ours ON COMMIT DROP AS
SELECT row_number() OVER () AS nr, o.*, {_KEY.format("o.order_no")} AS key,
       (o.occurred_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
       (o.occurred_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN %(first)s AND %(last)s
           AND (o.occurred_at AT TIME ZONE 'Asia/Shanghai')::date IN (SELECT day FROM rec_day)
           AS here
  FROM (
    SELECT lower(r.kind) AS kind, r.order_no, r.refund_no, r.txn_no, r.amount, r.expected_fee,
           0.00 AS tolerance, r.occurred_at, 'finance.paymentrecord' AS our_type, r.id AS our_id
      FROM finance_paymentrecord r
     WHERE r.channel_id = %(channel)s AND r.provider IN ('', %(provider)s)
       AND r.business_day BETWEEN %(first)s::date - 7 AND %(last)s::date + 3
    UNION ALL
    SELECT lower(p.kind), p.order_no, p.refund_no, '', p.amount,
           CASE WHEN p.kind = 'PAY' THEN round(p.amount * a.fee_rate, 2) END, 0.01,
           p.occurred_at, p.source_type, p.source_id
      FROM ({
    PAYMENTS.replace("%(first)s::date", "(%(first)s::date - 7)").replace(
        "%(last)s::date", "(%(last)s::date + 3)"
    )
}) p
      LEFT JOIN finance_paymentaccount a
        ON a.channel_id = %(channel)s AND a.provider = %(provider)s
     WHERE NOT EXISTS (
        SELECT FROM finance_paymentrecord r
         WHERE r.channel_id = %(channel)s AND r.kind = p.kind AND r.order_no = p.order_no
           AND (p.kind = 'PAY' OR r.refund_no = p.refund_no))) o
"""  # noqa: S608 - constants only

LINES: Final = f"""
CREATE TEMP TABLE rec_line ON COMMIT DROP AS
SELECT l.id, l.kind, l.amount, l.txn_no, l.occurred_at, l.business_day AS day,
       l.business_day BETWEEN %(first)s AND %(last)s AS here, f.reconciled_at IS NULL AS fresh,
       coalesce(t.key, b.key, nullif({_KEY.format("l.order_no")}, ''), 'line:' || l.id) AS key
  FROM finance_settlementline l
  JOIN finance_settlementfile f ON f.id = l.file_id
  LEFT JOIN (SELECT DISTINCT ON (refund_no) refund_no, key FROM rec_ours
              WHERE kind = 'refund' AND refund_no <> '' ORDER BY refund_no, nr) b
    ON l.kind = 'refund' AND b.refund_no = l.order_no
  LEFT JOIN (SELECT DISTINCT ON (txn_no, kind) txn_no, kind, key FROM rec_ours
              WHERE txn_no <> '' ORDER BY txn_no, kind, nr) t
    ON l.order_no = '' AND t.txn_no = l.txn_no AND t.kind = l.kind
 WHERE l.channel_id = %(channel)s AND l.kind IN ('pay', 'refund')
   AND l.business_day BETWEEN %(first)s::date - 7 AND %(last)s::date + 3
"""  # noqa: S608 - constants only

# First equal amounts of one order meet, then what is left of the order, whatever its amount.
PAIRS: Final = """
CREATE TEMP TABLE rec_pair ON COMMIT DROP AS
WITH s AS (SELECT id, kind, key, amount, row_number() OVER (
               PARTITION BY kind, key, amount ORDER BY fresh, occurred_at, id) AS rn FROM rec_line),
o AS (SELECT nr, kind, key, amount, row_number() OVER (
          PARTITION BY kind, key, amount ORDER BY occurred_at, nr) AS rn FROM rec_ours)
SELECT s.id AS line_id, o.nr, kind, key FROM s FULL JOIN o USING (kind, key, amount, rn)
"""

VERDICTS: Final = """
CREATE TEMP TABLE rec_verdict ON COMMIT DROP AS
WITH s AS (SELECT line_id, kind, key, row_number() OVER (
               PARTITION BY kind, key ORDER BY line_id) AS rn
             FROM rec_pair WHERE nr IS NULL),
o AS (SELECT nr, kind, key, row_number() OVER (PARTITION BY kind, key ORDER BY nr) AS rn
        FROM rec_pair WHERE line_id IS NULL),
rest AS (SELECT line_id, nr, kind, key FROM s FULL JOIN o USING (kind, key, rn)),
late AS (SELECT p.line_id, p.nr, p.kind, p.key FROM rec_pair p
           JOIN rec_line l ON l.id = p.line_id JOIN rec_ours r ON r.nr = p.nr
          WHERE r.here AND l.day > %(last)s)
SELECT v.line_id, v.nr, v.kind,
       CASE WHEN v.is_late THEN CASE v.kind WHEN 'pay' THEN 'TIMING_NEXT_PERIOD'
                                            ELSE 'REFUND_TIMING_NEXT_PERIOD' END
            WHEN v.line_id IS NOT NULL AND v.nr IS NOT NULL
                THEN CASE v.kind WHEN 'pay' THEN 'AMOUNT_DIFF' ELSE 'REFUND_AMOUNT_DIFF' END
            WHEN v.nr IS NULL AND v.kind = 'refund' THEN 'REFUND_MISSING_IN_BOOKS'
            WHEN v.nr IS NULL AND EXISTS (
                SELECT FROM rec_ours x WHERE x.kind = v.kind AND x.key = v.key)
                THEN 'DUPLICATE_IN_CHANNEL'
            WHEN v.nr IS NULL THEN 'MISSING_IN_BOOKS'
            WHEN r.occurred_at >= ((r.day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
                                  - %(edge)s::interval
                 AND r.day + 1 NOT IN (SELECT day FROM rec_day)
                THEN CASE v.kind WHEN 'pay' THEN 'TIMING_NEXT_PERIOD'
                                 ELSE 'REFUND_TIMING_NEXT_PERIOD' END
            ELSE CASE v.kind WHEN 'pay' THEN 'MISSING_IN_CHANNEL'
                             ELSE 'REFUND_MISSING_IN_CHANNEL' END END AS type,
       CASE WHEN v.line_id IS NOT NULL AND NOT v.is_late THEN 'line:' || v.line_id
            ELSE 'pay:' || r.our_type || ':' || r.our_id END AS subject
  FROM (SELECT *, FALSE AS is_late FROM rest UNION ALL SELECT *, TRUE FROM late) v
  LEFT JOIN rec_line l ON l.id = v.line_id
  LEFT JOIN rec_ours r ON r.nr = v.nr
 WHERE CASE WHEN v.line_id IS NOT NULL AND NOT v.is_late THEN l.here ELSE r.here END
"""

# A fee belongs to the payment of its order: the first fee to the first, what is over to the last.
FEES: Final = f"""
CREATE TEMP TABLE rec_fee ON COMMIT DROP AS
WITH fee AS (
    SELECT f.id, f.kind, f.amount, f.day, f.here, f.fresh, f.key, row_number() OVER (
               PARTITION BY f.kind, f.key ORDER BY f.id) AS rn
      FROM (SELECT l.id, l.kind, l.amount, l.business_day AS day,
                   l.business_day BETWEEN %(first)s AND %(last)s AS here,
                   s.reconciled_at IS NULL AS fresh,
                   coalesce(nullif({_KEY.format("l.order_no")}, ''), t.key, 'line:' || l.id) AS key
              FROM finance_settlementline l
              JOIN finance_settlementfile s ON s.id = l.file_id
              LEFT JOIN (SELECT DISTINCT ON (txn_no, kind) txn_no, kind, key FROM rec_line
                          WHERE txn_no <> '' ORDER BY txn_no, kind, id) t
                ON l.order_no = '' AND t.txn_no = l.txn_no
               AND t.kind = CASE l.kind WHEN 'fee' THEN 'pay' ELSE 'refund' END
             WHERE l.channel_id = %(channel)s AND l.kind IN ('fee', 'fee_back')
               AND l.business_day BETWEEN %(first)s::date - 7 AND %(last)s::date + 3) f),
money AS (
    SELECT id, kind, key, row_number() OVER w AS rn, count(*) OVER (PARTITION BY kind, key) AS n
      FROM rec_line WINDOW w AS (PARTITION BY kind, key ORDER BY id))
SELECT fee.id, fee.kind, fee.amount, fee.day, fee.here, fee.fresh, money.id AS line_id
  FROM fee LEFT JOIN money
    ON money.kind = CASE fee.kind WHEN 'fee' THEN 'pay' ELSE 'refund' END
   AND money.key = fee.key AND money.rn = least(fee.rn, money.n)
"""  # noqa: S608 - constants only

FEE_VERDICTS: Final = """
INSERT INTO rec_verdict (line_id, nr, kind, type, subject)
SELECT p.line_id, p.nr, 'fee', 'FEE_DIFF', 'fee:' || p.line_id
  FROM rec_pair p
  JOIN rec_line l ON l.id = p.line_id AND l.here
  JOIN rec_ours r ON r.nr = p.nr
  LEFT JOIN (SELECT line_id, sum(amount) AS amount FROM rec_fee GROUP BY 1) f
    ON f.line_id = p.line_id
 WHERE r.expected_fee IS NOT NULL
   AND abs(coalesce(f.amount, 0) - abs(r.expected_fee)) > r.tolerance
UNION ALL
SELECT f.id, NULL, f.kind, 'FEE_DIFF', 'line:' || f.id FROM rec_fee f
 WHERE f.line_id IS NULL AND f.here
UNION ALL
SELECT l.id, NULL, 'other',
       CASE WHEN l.amount > 0 THEN 'BANK_CREDIT_UNKNOWN' ELSE 'MISSING_IN_BOOKS' END,
       'line:' || l.id
  FROM finance_settlementline l
 WHERE l.channel_id = %(channel)s AND l.kind = 'other'
   AND l.business_day BETWEEN %(first)s AND %(last)s
"""

# A line that was posted stays so; a break that a person ended stays ended.
BREAKS: Final = """
INSERT INTO finance_break AS b
    (channel_id, type, source, subject, file_id, line_id, our_type, our_id, order_no, refund_no,
     statement_amount, our_amount, statement_fee, occurred_on, opened_at, owner_person_id, due_on,
     state, resolution, resolution_no, reason, imported_by)
SELECT %(channel)s, v.type,
       CASE WHEN v.line_id IS NULL THEN 'books' WHEN v.nr IS NULL THEN 'statement' ELSE 'both' END,
       v.subject, l.file_id, v.line_id, coalesce(r.our_type, ''), r.our_id,
       coalesce(r.order_no, l.order_no, ''), coalesce(r.refund_no, ''),
       CASE WHEN v.kind = 'fee' AND v.nr IS NOT NULL THEN coalesce(f.amount, 0)
            WHEN l.kind = 'other' THEN abs(l.amount) ELSE l.amount END,
       CASE WHEN v.kind = 'fee' AND v.nr IS NOT NULL THEN abs(r.expected_fee) ELSE r.amount END,
       CASE WHEN v.kind IN ('pay', 'refund') AND v.subject LIKE 'line:%%'
            THEN coalesce(f.amount, 0) ELSE 0 END,
       CASE WHEN v.subject LIKE 'pay:%%' THEN r.day ELSE coalesce(l.business_day, r.day) END,
       %(at)s, %(owner)s, %(due)s, 'open', '', '', '', s.imported_by
  FROM rec_verdict v
  LEFT JOIN finance_settlementline l ON l.id = v.line_id
  LEFT JOIN finance_settlementfile s ON s.id = l.file_id
  LEFT JOIN rec_ours r ON r.nr = v.nr
  LEFT JOIN (SELECT line_id, sum(amount) AS amount FROM rec_fee GROUP BY 1) f
    ON f.line_id = v.line_id
  LEFT JOIN finance_break k ON k.channel_id = %(channel)s AND k.subject = v.subject
 WHERE v.subject LIKE 'pay:%%' OR s.reconciled_at IS NULL OR k.state = 'open'
ON CONFLICT (channel_id, subject) DO UPDATE
   SET type = excluded.type, source = excluded.source, statement_amount = excluded.statement_amount,
       our_amount = excluded.our_amount, statement_fee = excluded.statement_fee,
       line_id = excluded.line_id, file_id = excluded.file_id, our_type = excluded.our_type,
       our_id = excluded.our_id, state = 'open', resolution = '', resolved_at = NULL
 WHERE b.state = 'open' OR (b.resolution = 'cleared' AND b.subject LIKE 'pay:%%')
RETURNING xmax = 0
"""

CLEAR: Final = """
UPDATE finance_break b
   SET state = 'resolved', resolution = 'cleared', resolved_at = %(at)s, resolution_no = %(run)s
 WHERE b.channel_id = %(channel)s AND b.state = 'open' AND b.source <> 'file'
   AND b.occurred_on BETWEEN %(first)s AND %(last)s
   AND NOT EXISTS (SELECT FROM rec_verdict v WHERE v.subject = b.subject)
RETURNING b.subject
"""

# What may be booked now: lines of fresh files and lines whose break was just cleared, unless an
# open break names them; a fee waits for the payment it belongs to.
DUE: Final = """
WITH blocked AS (
    SELECT subject FROM finance_break
     WHERE channel_id = %(channel)s AND state = 'open'
       AND (subject LIKE 'line:%%' OR subject LIKE 'fee:%%')),
freed AS (SELECT unnest(%(cleared)s::text[]) AS subject),
money AS (
    SELECT l.id, l.kind, l.amount, l.business_day AS day
      FROM finance_settlementline l JOIN finance_settlementfile f ON f.id = l.file_id
     WHERE l.channel_id = %(channel)s AND l.kind IN ('pay', 'refund', 'withdrawal')
       AND l.business_day BETWEEN %(first)s AND %(last)s AND f.reconciled_at IS NULL
    UNION ALL
    SELECT l.id, l.kind, l.amount, l.business_day
      FROM freed JOIN finance_settlementline l ON 'line:' || l.id = freed.subject
      JOIN finance_settlementfile f ON f.id = l.file_id AND f.reconciled_at IS NOT NULL),
fees AS (
    SELECT f.id, f.kind, f.amount, f.day, f.line_id FROM rec_fee f
     WHERE (f.here AND f.fresh) OR 'fee:' || f.line_id IN (SELECT subject FROM freed)
        OR 'line:' || f.line_id IN (SELECT subject FROM freed)
        OR 'line:' || f.id IN (SELECT subject FROM freed))
SELECT day, kind, sum(amount), count(*) FROM (
    SELECT m.day, m.kind, m.amount FROM money m
     WHERE 'line:' || m.id NOT IN (SELECT subject FROM blocked)
    UNION ALL
    SELECT f.day, f.kind, f.amount FROM fees f
     WHERE 'line:' || coalesce(f.line_id, f.id) NOT IN (SELECT subject FROM blocked)
       AND 'fee:' || coalesce(f.line_id, 0) NOT IN (SELECT subject FROM blocked)) d
 GROUP BY day, kind ORDER BY day, kind
"""

COUNTS: Final = """
SELECT (SELECT count(*) FROM finance_settlementline WHERE channel_id = %(channel)s
           AND business_day BETWEEN %(first)s AND %(last)s),
       (SELECT count(*) FROM rec_ours WHERE here),
       (SELECT count(*) FROM rec_pair p JOIN rec_line l ON l.id = p.line_id AND l.here
         WHERE p.nr IS NOT NULL),
       count(*), coalesce(sum(abs(coalesce(statement_amount, 0) - coalesce(our_amount, 0))), 0)
  FROM finance_break WHERE channel_id = %(channel)s AND state = 'open'
"""

RECONCILED: Final = """
UPDATE finance_settlementfile SET reconciled_at = %(at)s
 WHERE channel_id = %(channel)s AND reconciled_at IS NULL
"""
