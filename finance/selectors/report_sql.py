"""What the reports of finance read, as statements for the report database; constants only."""

from __future__ import annotations

from typing import Final

TRIAL_BALANCE: Final = """
SELECT currency, code, name, greatest(opening, 0), greatest(-opening, 0), debit, credit,
       greatest(opening + debit - credit, 0), greatest(credit - opening - debit, 0)
  FROM (SELECT b.currency, a.code, a.name,
               coalesce(sum(b.debit - b.credit) FILTER (
                   WHERE b.month < date_trunc('month', %(first)s::date)), 0) AS opening,
               coalesce(sum(b.debit) FILTER (
                   WHERE b.month >= date_trunc('month', %(first)s::date)), 0) AS debit,
               coalesce(sum(b.credit) FILTER (
                   WHERE b.month >= date_trunc('month', %(first)s::date)), 0) AS credit
          FROM finance_account a JOIN finance_accountbalance b ON b.account_id = a.code
         WHERE b.month <= %(last)s GROUP BY b.currency, a.code) t
 ORDER BY currency, code
"""

JOURNAL: Final = """
SELECT e.voucher, e.business_day, e.kind, e.source_type || ' ' || e.source_id, e.memo, e.currency,
       a.code, a.name, l.debit, l.credit
  FROM finance_journalentry e
  JOIN finance_journalline l ON l.entry_id = e.id
  JOIN finance_account a ON a.code = l.account_id
 WHERE e.business_day BETWEEN %(first)s AND %(last)s
   AND (%(account)s::text IS NULL OR l.account_id = %(account)s::text)
 ORDER BY e.business_day, e.id, l.id
"""

BREAKS: Final = """
SELECT c.code, b.type, b.source, b.order_no, b.refund_no, b.statement_amount, b.our_amount,
       coalesce(b.statement_amount, 0) - coalesce(b.our_amount, 0), b.occurred_on,
       greatest((coalesce(b.resolved_at, %(at)s::timestamptz)
                 AT TIME ZONE 'Asia/Shanghai')::date - b.occurred_on, 0),
       coalesce(p.name, ''), b.due_on, b.state, b.resolution, b.reason, coalesce(e.voucher, '')
  FROM finance_break b
  JOIN catalog_channel c ON c.id = b.channel_id
  LEFT JOIN identity_person p ON p.id = b.owner_person_id
  LEFT JOIN finance_journalentry e ON e.id = b.entry_id
 WHERE b.occurred_on BETWEEN %(first)s AND %(last)s
   AND (%(scopes)s::bigint[] IS NULL OR b.channel_id = ANY (%(scopes)s::bigint[]))
 ORDER BY b.state, c.code, b.occurred_on, b.id
"""

AGREEMENT: Final = """
SELECT day, compared_at, stock_value, ledger_value, stock_value - ledger_value,
       jsonb_array_length(details), coalesce(details ->> 0, '')
  FROM finance_agreement WHERE day BETWEEN %(first)s AND %(last)s ORDER BY day, id
"""

# The vouchers posted since a moment, dated until the period's end, at most eight an account.
POSTED_SINCE = """
SELECT l.account_id, (array_agg(DISTINCT e.voucher))[1:8]
FROM finance_journalentry e
JOIN finance_journalline l ON l.entry_id = e.id
WHERE e.posted_at > %(since)s AND e.business_day <= %(last)s
  AND l.account_id::text = ANY (%(accounts)s)
GROUP BY l.account_id
"""
