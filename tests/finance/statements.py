"""Alipay statements made for tests, the way the provider writes them."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

OLD = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,交易渠道,业务类型,备注"
)
NEW = (
    "账务流水号,业务流水号,商户订单号,业务基础订单号,业务订单号,业务账单来源,业务描述,收入金额（+元）,"
    "支出金额（-元）,账户余额（元）,发生时间,备注"
)
ACCOUNT = "20881234567890120156"


@dataclass
class Statement:
    """Lines of one statement with its running balance."""

    first: dt.date = dt.date(2026, 11, 20)
    last: dt.date = dt.date(2026, 11, 20)
    balance: Decimal = Decimal("1000.00")
    rows: list[tuple[str, str, str, dt.datetime, Decimal, Decimal, str, str]] = field(
        default_factory=list
    )

    def add(
        self,
        order: str,
        amount: str,
        kind: str = "在线支付",
        *,
        at: str = "2026-11-20 10:00:00",
        serial: str = "",
        txn: str = "",
        remark: str = "",
    ) -> Statement:
        """Add a line; money out is below zero."""
        value = Decimal(amount)
        self.balance += value
        number = len(self.rows) + 1
        self.rows.append(
            (
                serial or f"2026112000000{number:05}",
                txn or f"TX{order or number}",
                order,
                dt.datetime.fromisoformat(at),
                value,
                self.balance,
                kind,
                remark,
            )
        )
        return self

    def sums(self, *, is_income: bool) -> tuple[int, Decimal]:
        """Return number and sum of one side."""
        side = [row[4] for row in self.rows if (row[4] > 0) == is_income]
        return len(side), abs(sum(side, Decimal(0)))

    def text(self, *, header: str = OLD, account: str = ACCOUNT, trailer: str | None = None) -> str:
        """Return the detail file."""
        after = self.last + dt.timedelta(days=1)
        outs, paid = self.sums(is_income=False)
        ins, got = self.sums(is_income=True)
        lines = [
            "#支付宝账务明细查询",
            f"#账号：[{account}]",
            (
                f"#起始日期：[{self.first:%Y年%m月%d日} 00:00:00]"
                f"   终止日期：[{after:%Y年%m月%d日} 00:00:00]"
            ),
            "#-----------------------------------------账务明细列表----------------------------------------",
            header,
            *(self._row(row, header) for row in self.rows),
            "#-----------------------------------------账务明细列表结束------------------------------------",
        ]
        if trailer is None:
            trailer = f"#支出合计：{outs}笔，共-{paid}元\n#收入合计：{ins}笔，共{got}元"
        return "\r\n".join(
            [*lines, *trailer.splitlines(), "#导出时间：[2026年11月21日 02:10:00]", ""]
        )

    def summary(self, *, extra: str = "0.00") -> str:
        """Return the summary file; `extra` is added to its income."""
        outs, paid = self.sums(is_income=False)
        ins, got = self.sums(is_income=True)
        got += Decimal(extra)
        return "\r\n".join(
            [
                "#支付宝账务汇总查询",
                f"#账号：[{ACCOUNT}]",
                "类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）",
                f"在线支付,{ins},{got},0,0.00,{got}",
                f"交易退款,0,0.00,{outs},-{paid},-{paid}",
                f"合计,{ins},{got},{outs},-{paid},{got - paid}",
                "",
            ]
        )

    def write(self, folder: Path, name: str = "alipay.csv", **more: str | None) -> Path:
        """Write the detail as GBK."""
        path = folder / name
        path.write_bytes(self.text(**more).encode("gb18030"))  # type: ignore[arg-type]
        return path

    def archive(self, folder: Path, *, extra: str = "0.00") -> Path:
        """Write summary and detail into one ZIP, detail first: place says nothing."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            detail = self.text(trailer="").encode("gb18030")
            archive.writestr("20881234_账务明细.csv", detail)
            archive.writestr(
                "20881234_账务明细(汇总).csv", self.summary(extra=extra).encode("gb18030")
            )
        path = folder / "alipay.zip"
        path.write_bytes(packed.getvalue())
        return path

    def _row(self, row: Sequence[object], header: str) -> str:
        serial, txn, order, at, value, balance, kind, remark = row
        assert isinstance(value, Decimal)
        cells = {
            "账务流水号": f"{serial}\t",
            "业务流水号": f"{txn}\t",
            "商户订单号": f"{order}\t",
            "发生时间": f"{at}",
            "收入金额": f"{value}" if value > 0 else "",
            "支出金额": f"{value}" if value < 0 else "",
            "账户余额": f"{balance}",
            "业务类型": kind,
            "业务描述": kind,
            "备注": remark,
        }
        titles = [title.replace("(", "（").split("（")[0] for title in header.split(",")]
        return ",".join(str(cells.get(title, "")) for title in titles)
