"""Statements in SQL: a staged file becomes lines; constants only, values as parameters."""

from __future__ import annotations

from typing import Final

STAGE: Final = "finance_statement_stage"
STAGE_COLUMNS: Final = (
    "line_no", "serial_no", "txn_no", "order_no", "occurred_at", "counterparty", "income",
    "expense", "balance", "kind", "about", "remark",
)  # fmt: skip

MAKE_STAGE: Final = f"""
DROP TABLE IF EXISTS {STAGE}, finance_statement_read;
CREATE TEMP TABLE {STAGE} (
    line_no bigint, serial_no text, txn_no text, order_no text, occurred_at timestamptz,
    counterparty text, income numeric, expense numeric, balance numeric, kind text, about text,
    remark text
) ON COMMIT DROP
"""

# Which words of a line say what it is; the first that fits, and a fee before what it was paid for.
_KIND: Final = """
    CASE WHEN words ~ '提现|转账到银行卡' THEN 'withdrawal'
         WHEN words ~ '手续费|收费|服务费|佣金|退费' AND income > 0 THEN 'fee_back'
         WHEN words ~ '手续费|收费|服务费|佣金' THEN 'fee'
         WHEN words ~ '退款' AND expense <> 0 THEN 'refund'
         WHEN words ~ '退款' THEN 'other'
         WHEN words ~ '付款|支付|收款|交易' AND income > 0 THEN 'pay'
         ELSE 'other' END
"""

READ: Final = f"""
CREATE TEMP TABLE finance_statement_read ON COMMIT DROP AS
SELECT r.*, row_number() OVER (PARTITION BY serial_no ORDER BY line_no) AS copy_no
  FROM (SELECT s.*, {_KIND} AS what FROM (
            SELECT line_no, serial_no, coalesce(txn_no, '') AS txn_no,
                   coalesce(order_no, '') AS order_no, occurred_at,
                   coalesce(counterparty, '') AS counterparty, balance,
                   coalesce(income, 0) AS income, abs(coalesce(expense, 0)) AS expense,
                   coalesce(remark, '') AS remark,
                   coalesce(nullif(kind, ''), nullif(about, ''), remark, '') AS words
              FROM {STAGE}) s) r
"""  # noqa: S608 - constants only

# Lines that say nothing, or both, and serial numbers that came before with other content.
ODD: Final = """
SELECT r.line_no, r.serial_no,
       CASE WHEN (r.income <> 0) = (r.expense <> 0) THEN 'sides' ELSE 'changed' END
  FROM finance_statement_read r
  LEFT JOIN finance_settlementline l
    ON l.channel_id = %(channel)s AND l.serial_no = r.serial_no AND l.copy_no = r.copy_no
 WHERE (r.income <> 0) = (r.expense <> 0) OR r.income < 0
    OR (l.id IS NOT NULL AND (l.amount <> CASE WHEN r.what = 'other' THEN r.income - r.expense
                                               ELSE r.income + r.expense END
                              OR l.kind <> r.what OR l.order_no <> r.order_no))
 ORDER BY r.line_no
"""

DROP_ODD: Final = "DELETE FROM finance_statement_read WHERE line_no = ANY(%(lines)s)"

TOTALS: Final = """
SELECT count(*), coalesce(sum(income), 0), coalesce(sum(expense), 0),
       count(*) FILTER (WHERE income > 0), count(*) FILTER (WHERE expense > 0),
       min((occurred_at AT TIME ZONE 'Asia/Shanghai')::date),
       max((occurred_at AT TIME ZONE 'Asia/Shanghai')::date)
  FROM finance_statement_read
"""

INSERT: Final = """
INSERT INTO finance_settlementline
    (file_id, channel_id, line_no, serial_no, copy_no, txn_no, order_no, kind, amount, balance,
     occurred_at, business_day, counterparty, remark)
SELECT %(file)s, %(channel)s, line_no, serial_no, copy_no, txn_no, order_no, what,
       CASE WHEN what = 'other' THEN income - expense ELSE income + expense END, balance,
       occurred_at, (occurred_at AT TIME ZONE 'Asia/Shanghai')::date,
       left(counterparty, 200), left(remark, 400)
  FROM finance_statement_read ORDER BY line_no
ON CONFLICT (channel_id, serial_no, copy_no) DO NOTHING
"""

# Where the running balance is not the one before plus this line, in the direction that fits best:
# files come oldest first or newest first.
JUMPS: Final = """
WITH signed AS (
    SELECT l.id, r.line_no, r.balance, l.order_no, l.business_day, r.income - r.expense AS amount
      FROM finance_statement_read r
      JOIN finance_settlementline l
        ON l.channel_id = %(channel)s AND l.serial_no = r.serial_no AND l.copy_no = r.copy_no
     WHERE r.balance IS NOT NULL),
steps AS (
    SELECT s.*, lag(balance) OVER up AS upward, lag(balance) OVER down AS downward
      FROM signed s
    WINDOW up AS (ORDER BY line_no), down AS (ORDER BY line_no DESC)),
judged AS (
    SELECT s.*, upward + amount IS DISTINCT FROM balance AND upward IS NOT NULL AS jumps_up,
           downward + amount IS DISTINCT FROM balance AND downward IS NOT NULL AS jumps_down
      FROM steps s),
best AS (SELECT count(*) FILTER (WHERE jumps_up) <= count(*) FILTER (WHERE jumps_down) AS is_up
           FROM judged)
SELECT id, order_no, business_day, balance,
       CASE WHEN is_up THEN upward ELSE downward END + amount
  FROM judged, best
 WHERE CASE WHEN is_up THEN jumps_up ELSE jumps_down END
 ORDER BY line_no LIMIT 1000
"""
