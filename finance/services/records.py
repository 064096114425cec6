"""Our side of a reconciliation made elsewhere: records of payments and refunds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db import connection, transaction

from catalog.selectors import channels
from catalog.services import takeover
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

STAGE: Final = "finance_record_stage"
STAGE_COLUMNS: Final = (
    "line_no", "record_no", "kind", "order_no", "refund_no", "channel", "amount", "expected_fee",
    "occurred_at", "txn_no",
)  # fmt: skip

_MAKE_STAGE = f"""
DROP TABLE IF EXISTS {STAGE};
CREATE TEMP TABLE {STAGE} (
    line_no bigint, record_no text, kind text, order_no text, refund_no text, channel text,
    amount numeric, expected_fee numeric, occurred_at timestamptz, txn_no text, channel_id bigint,
    copy_no bigint, provider text
) ON COMMIT DROP
"""
_NAMES = f"SELECT DISTINCT channel FROM {STAGE} WHERE channel <> ''"  # noqa: S608 - constants only
# A row names one of our channels, or the payment provider of the import's own channel.
_CHANNELS = f"""
UPDATE {STAGE} s
   SET channel_id = coalesce(c.id, %(channel)s::bigint),
       provider = CASE WHEN c.id IS NULL THEN lower(coalesce(d.channel, '')) ELSE '' END
  FROM (SELECT DISTINCT channel FROM {STAGE}) d
  LEFT JOIN unnest(%(ids)s::bigint[], %(codes)s::text[]) AS c(id, code) ON c.code = d.channel
 WHERE s.channel IS NOT DISTINCT FROM d.channel
"""  # noqa: S608 - constants only
_COPIES = f"""
UPDATE {STAGE} s SET copy_no = n.copy_no
  FROM (SELECT line_no, row_number() OVER (PARTITION BY channel_id, record_no ORDER BY line_no)
               AS copy_no FROM {STAGE}) n
 WHERE n.line_no = s.line_no
"""  # noqa: S608 - constants only
_ODD = f"""
SELECT s.line_no,
       CASE WHEN s.channel_id IS NULL THEN 'channel' WHEN s.amount <= 0 THEN 'amount'
            ELSE 'record_no' END,
       CASE WHEN s.channel_id IS NULL THEN coalesce(s.channel, '')
            WHEN s.amount <= 0 THEN s.amount::text ELSE s.record_no END,
       CASE WHEN s.channel_id IS NULL THEN 'channel' WHEN s.amount <= 0 THEN 'amount'
            ELSE 'changed' END
  FROM {STAGE} s
  LEFT JOIN {STAGE} f
    ON f.channel_id = s.channel_id AND f.record_no = s.record_no AND f.copy_no = 1
  LEFT JOIN finance_paymentrecord r
    ON r.channel_id = s.channel_id AND r.record_no = s.record_no
 WHERE s.channel_id IS NULL OR s.amount <= 0
    OR (s.copy_no > 1 AND (f.amount, f.kind, f.order_no) <> (s.amount, s.kind, s.order_no))
    OR (r.id IS NOT NULL AND (r.amount, r.kind, r.order_no) <> (s.amount, s.kind, s.order_no))
 ORDER BY s.line_no
"""  # noqa: S608 - constants only
_DROP_ODD = f"DELETE FROM {STAGE} WHERE line_no = ANY(%(lines)s)"  # noqa: S608 - constants only
_INSERT = f"""
INSERT INTO finance_paymentrecord
    (channel_id, record_no, kind, order_no, refund_no, provider, txn_no, amount, expected_fee,
     occurred_at, business_day, batch_id)
SELECT channel_id, record_no, kind, order_no, coalesce(refund_no, ''), provider,
       coalesce(txn_no, ''), amount, expected_fee, occurred_at,
       (occurred_at AT TIME ZONE 'Asia/Shanghai')::date,
       %(batch)s
  FROM {STAGE} WHERE copy_no = 1 ORDER BY line_no
ON CONFLICT (channel_id, record_no) DO NOTHING
"""  # noqa: S608 - constants only
_SUMS = f"""
SELECT count(*), coalesce(sum(amount) FILTER (WHERE kind = 'PAY'), 0),
       coalesce(sum(amount) FILTER (WHERE kind = 'REFUND'), 0) FROM {STAGE}
"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class LoadedRecords:
    """What became of the staged records; `odd` holds (line, column, value, why)."""

    taken: int
    duplicate: int
    odd: tuple[tuple[int, str, str, str], ...]
    paid: Decimal
    refunded: Decimal


def channel_of(*, code: str, actor: Actor, at: dt.datetime) -> int:
    """Return the channel of a code for a machine's import, which opens it when it is new."""
    return takeover.take_over_channel(
        code=code, name=code, platform=code, currency="CNY", actor=actor, at=at
    )


def make_stage() -> None:
    """Make the table records are copied into; it lives as long as the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_STAGE)


def load_staged(
    *, channel_id: int | None, batch_id: int, actor: Actor, at: dt.datetime
) -> LoadedRecords:
    """Keep staged records, each once by channel and number; `channel_id` is the file's own.

    Rows of an unknown channel, or that contradict a record known by that number, are not taken.
    """
    may("finance", "P").require(actor)
    ids = {channel.code: channel.id for channel in channels.visible(actor=actor, area="finance")}
    with transaction.atomic(), connection.cursor() as cursor:
        if channel_id is None and actor.is_machine:
            cursor.execute(_NAMES)
            for (name,) in cursor.fetchall():
                ids[name] = ids.get(name) or channel_of(code=name.lower(), actor=actor, at=at)
        cursor.execute(
            _CHANNELS,
            {"channel": channel_id, "ids": list(ids.values()), "codes": list(ids)},
        )
        cursor.execute(_COPIES)
        cursor.execute(_ODD)
        odd = tuple(cursor.fetchall())
        cursor.execute(_DROP_ODD, {"lines": [line[0] for line in odd]})
        cursor.execute(_SUMS)
        count, paid, refunded = cursor.fetchone()
        cursor.execute(_INSERT, {"batch": batch_id})
        taken = cursor.rowcount
        audit.record(
            actor=actor,
            at=at,
            action="finance.records_loaded",
            obj=("tables.importbatch", batch_id),
            body={"taken": taken, "paid": paid, "refunded": refunded, "odd": len(odd)},
        )
    return LoadedRecords(taken, count - taken, odd, paid, refunded)
