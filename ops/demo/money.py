"""Statements of the payment provider, as real files, with errors planted in them."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from customers.selectors import payments
from customers.selectors.payments import Payment
from finance.services import reconciliation, settlement
from ops.demo.books import FEE_RATE, UNSETTLED_DAYS
from ops.demo.scene import Scene
from ops.engines.kernel.parse import BUSINESS_ZONE
from ops.engines.tables import services as tables

_CHANNEL: Final = "tmall"
_PROVIDER: Final = "alipay"
_ACCOUNT: Final = "2088800020260618"
_CENT: Final = Decimal("0.01")
_HEADER: Final = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,交易渠道,业务类型,备注"
)
# One of each, as far as the days have enough payments: the first payments are hit first.
_PAY_ERRORS: Final = ("MISSING_IN_CHANNEL", "AMOUNT_DIFF", "FEE_DIFF", "DUPLICATE_IN_CHANNEL")
_REFUND_ERRORS: Final = ("REFUND_MISSING_IN_CHANNEL", "REFUND_AMOUNT_DIFF")


@dataclass(frozen=True, slots=True)
class _Row:
    order_no: str
    at: dt.datetime
    amount: Decimal  # above zero comes in
    kind: str


def settle(scene: Scene, folder: Path) -> dict[str, int]:
    """Write the statements of the last days, bring them in as finance and reconcile them."""
    folder.mkdir(parents=True, exist_ok=True)
    shop, actor, at = scene.company.shop(_CHANNEL), scene.actor("finance"), scene.plan.at
    settlement.set_account(
        channel_id=shop.id,
        provider=_PROVIDER,
        account_no=_ACCOUNT,
        fee_rate=FEE_RATE,
        actor=actor,
        at=at,
    )
    first = scene.plan.today - dt.timedelta(days=UNSETTLED_DAYS)
    last = scene.plan.today - dt.timedelta(days=1)
    ours = payments.payments_for_matching(channel_id=shop.id, first=first, last=last)
    rows = _with_errors(scene, sorted(ours, key=lambda one: (one.occurred_at, one.order_no)))
    balance = Decimal("20000.00")
    serial = 1
    for number in range(UNSETTLED_DAYS):
        day = first + dt.timedelta(days=number)
        mine = [row for row in rows if row.at.astimezone(BUSINESS_ZONE).date() == day]
        text, balance = _statement(day, mine, balance, serial)
        serial += len(mine)
        path = folder / f"alipay_{_ACCOUNT}_{day:%Y%m%d}.csv"
        path.write_bytes(text.encode("gb18030"))
        if mine:
            tables.import_file(
                profile="alipay_merchant",
                path=path,
                name=path.name,
                actor=actor,
                at=at,
                options={"channel": _CHANNEL},
            )
    done = reconciliation.run(channel_id=shop.id, first=first, last=last, actor=actor, at=at)
    return {"statement_lines": len(rows), "matched": done.matched, "open_breaks": done.open_breaks}


def _with_errors(scene: Scene, ours: Sequence[Payment]) -> list[_Row]:
    """Return what the provider says: our payments with fees, some of them wrong."""
    # A day whose only payment is left out would have no statement, and nothing would be missing.
    crowd = Counter(_day(one) for one in ours)
    pays = [one for one in ours if one.kind == "PAY" and crowd[_day(one)] > 1]
    refunds = [one for one in ours if one.kind == "REFUND"]
    # Told apart by kind: an order may be paid and refunded within these days.
    wrong = dict(zip((("PAY", one.order_no) for one in pays[1::2]), _PAY_ERRORS, strict=False))
    wrong |= dict(zip((("REFUND", one.order_no) for one in refunds), _REFUND_ERRORS, strict=False))
    rows: list[_Row] = []
    for one in ours:
        error = wrong.get((one.kind, one.order_no), "")
        if error:
            scene.planted.add(error, one.order_no, "a break of this type", f"ours {one.amount} CNY")
        if error not in {"MISSING_IN_CHANNEL", "REFUND_MISSING_IN_CHANNEL"}:
            rows += _rows(one, error)
    if pays:
        rows.append(_stranger(scene, pays[0].occurred_at))
    return sorted(rows, key=lambda row: row.at)


def _day(one: Payment) -> dt.date:
    return one.occurred_at.astimezone(BUSINESS_ZONE).date()


def _rows(one: Payment, error: str) -> list[_Row]:
    amount = one.amount + (Decimal("1.00") if error in {"AMOUNT_DIFF", "REFUND_AMOUNT_DIFF"} else 0)
    if one.kind == "REFUND":
        return [_Row(one.order_no, one.occurred_at, -amount, "交易退款")]
    fee = (one.amount * FEE_RATE).quantize(_CENT)
    if error == "FEE_DIFF":
        fee += Decimal("2.00")
    paid = _Row(one.order_no, one.occurred_at, amount, "在线支付")
    rows = [paid]
    if fee:
        rows.append(_Row(one.order_no, one.occurred_at, -fee, "收费"))
    if error == "DUPLICATE_IN_CHANNEL":
        rows.append(replace(paid, at=paid.at))
    return rows


def _stranger(scene: Scene, at: dt.datetime) -> _Row:
    number = "999920260000000001"
    scene.planted.add("MISSING_IN_BOOKS", number, "a break of this type", "statement 88.00 CNY")
    return _Row(number, at, Decimal("88.00"), "在线支付")


def _statement(
    day: dt.date, rows: Sequence[_Row], balance: Decimal, serial: int
) -> tuple[str, Decimal]:
    """Return one day's file as the provider writes it, and the balance at its end."""
    text = io.StringIO()
    write = text.write
    write("#支付宝账务明细查询\r\n")
    write(f"#账号：[{_ACCOUNT}]\r\n")
    write(f"#起始日期：[{day:%Y年%m月%d日} 00:00:00]   终止日期：[{day:%Y年%m月%d日} 23:59:59]\r\n")
    write(
        "#-----------------------------------------账务明细列表----------------------------------\r\n"
    )
    write(_HEADER + "\r\n")
    for number, row in enumerate(rows, start=serial):
        balance += row.amount
        income = f"{row.amount:.2f}" if row.amount > 0 else ""
        expense = f"{row.amount:.2f}" if row.amount < 0 else ""
        moment = row.at.astimezone(BUSINESS_ZONE)
        cells = (
            f"{day:%Y%m%d}{number:012d}\t", f"{moment:%Y%m%d}2200{number:012d}\t",
            f"{row.order_no}\t", "规范旗舰店商品", f"{moment:%Y-%m-%d %H:%M:%S}", "买家***\t",
            income, expense, f"{balance:.2f}", "支付宝", row.kind, "",
        )  # fmt: skip
        write(",".join(cells) + "\r\n")
    incomes = [row.amount for row in rows if row.amount > 0]
    expenses = [row.amount for row in rows if row.amount < 0]
    write(
        "#-----------------------------------------账务明细列表结束------------------------------\r\n"
    )
    write(f"#支出合计：{len(expenses)}笔，共{sum(expenses, Decimal('0.00')):.2f}元\r\n")
    write(f"#收入合计：{len(incomes)}笔，共{sum(incomes, Decimal('0.00')):.2f}元\r\n")
    write(f"#导出时间：[{day + dt.timedelta(days=1):%Y年%m月%d日} 09:00:00]\r\n")
    return text.getvalue(), balance
