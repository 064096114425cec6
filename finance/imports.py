"""Files finance reads: statements of payment channels, and our side made elsewhere."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.selectors import channels
from finance import rules
from finance.choices import PaymentKind
from finance.services import records, settlement
from finance.services.statement_sql import STAGE, STAGE_COLUMNS
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may
from ops.engines.tables.bulk import copy_into
from ops.engines.tables.intake import Intake, Reject
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo, LoadResult, Scope

_signed = partial(parse.money, negative=True)
_code = partial(parse.code, most=64)
_text = partial(parse.text, most=400)
_MOMENT = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})([ T])(\d{1,2})(:\d{2}(?::\d{2})?)(.*)")
PROVIDER = "alipay"
_AMOUNT_TITLES = ("收入金额（+元）", "支出金额（-元）")


def moment(text: str) -> dt.datetime:
    """Read a moment of a statement: ISO, or with slashes and single digits, in business time."""
    if match := _MOMENT.fullmatch(text):
        year, month, day, blank, hour, minutes, zone = match.groups()
        text = f"{year}-{month:>02}-{day:>02}{blank}{hour:>02}{minutes}{zone}"
    return parse.moment(text, zone=parse.BUSINESS_ZONE)


def amount(text: str) -> Any:
    """Read an amount as statements write it: a plus sign and thousands commas are allowed."""
    plain = text.strip().removeprefix("+")
    if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", plain):
        plain = plain.replace(",", "")
    return parse.money("0" if plain.strip("-0.") == "" and plain else plain, negative=True)


def payment_kind(text: str) -> str:
    """Read PAY or REFUND."""
    if text not in PaymentKind.values:
        raise BadInput("finance.payment_kind", _("Write PAY or REFUND."))
    return text


ALIPAY = Profile(
    "alipay_merchant",
    gettext_lazy("Alipay merchant account detail"),
    columns=(
        Column("serial_no", headers=("账务流水号",), parse=_code),
        Column("txn_no", headers=("业务流水号",), parse=_code, required=False),
        Column("order_no", headers=("商户订单号",), parse=_code, required=False),
        Column("occurred_at", headers=("发生时间",), parse=moment),
        Column("counterparty", headers=("对方账号",), parse=_text, required=False, personal=True),
        Column("income", headers=("收入金额（+元）",), parse=amount, required=False),
        Column("expense", headers=("支出金额（-元）",), parse=amount, required=False),
        Column("balance", headers=("账户余额（元）",), parse=amount, required=False),
        Column("kind", headers=("业务类型",), parse=_text, required=False),
        Column("about", headers=("业务描述",), parse=_text, required=False),
        Column("remark", headers=("备注",), parse=_text, required=False),
    ),
    comment="#",
    trim=" \t`",
    ragged=True,
    zipped=True,
    encodings=("utf-8", "gb18030"),
)
PAYMENT_RECORDS = Profile(
    "payment_records",
    gettext_lazy("Payments and refunds recorded elsewhere"),
    columns=(
        Column("record_no", parse=_code),
        Column("kind", parse=payment_kind),
        Column("order_no", parse=_code),
        Column("refund_no", parse=_code, required=False),
        Column("channel", parse=_code, required=False),
        Column("amount", parse=parse.money),
        Column("expected_fee", parse=_signed, required=False),
        Column("occurred_at", parse=moment),
        Column("channel_txn_no", parse=_code, required=False),
    ),
    trim=" \t",
)
_WHY = {
    "sides": gettext_lazy("A line has money either in or out."),
    "changed": gettext_lazy("This serial number came before with other content."),
}


def load_alipay(
    batch: BatchInfo,
    intake: Intake,
    *,
    actor: Actor,
    at: dt.datetime,
    options: Mapping[str, Any],
) -> LoadResult:
    """Load a statement; what it says of itself is checked, nothing is posted (FIN-7.3-01)."""
    _require_amounts(intake)
    settlement.make_stage()
    copy_into(intake, table=STAGE, columns=STAGE_COLUMNS)
    account_no = rules.statement_account([*intake.preamble, *intake.trailer])
    loaded = settlement.load_staged(
        channel_id=_statement_channel(options, account_no, actor=actor, at=at),
        provider=PROVIDER,
        account_no=account_no,
        batch_id=batch.id,
        file_name=batch.file_name,
        stated=rules.stated_totals(intake.preamble, intake.trailer),
        actor=actor,
        at=at,
    )
    return LoadResult(
        accepted=loaded.taken,
        duplicate=loaded.duplicate,
        rejects=[
            Reject(
                line.line_no,
                "账务流水号",
                line.serial_no,
                f"finance.line_{line.why}",
                str(_WHY[line.why]),
            )
            for line in loaded.odd
        ],
        totals={
            "file": loaded.number,
            "income": loaded.income,
            "expense": loaded.expense,
        },
    )


def load_records(
    batch: BatchInfo,
    intake: Intake,
    *,
    actor: Actor,
    at: dt.datetime,
    options: Mapping[str, Any],
) -> LoadResult:
    """Load our side of a reconciliation that another system recorded."""
    records.make_stage()
    copy_into(intake, table=records.STAGE, columns=records.STAGE_COLUMNS)
    loaded = records.load_staged(
        channel_id=_named_channel(options, actor=actor, at=at),
        batch_id=batch.id,
        actor=actor,
        at=at,
    )
    return LoadResult(
        accepted=loaded.taken,
        duplicate=loaded.duplicate,
        rejects=[
            Reject(line, column, value, f"finance.record_{why}", str(_RECORD_WHY[why]))
            for line, column, value, why in loaded.odd
        ],
        totals={"pay": loaded.paid, "refund": loaded.refunded},
    )


_RECORD_WHY = {
    "channel": gettext_lazy("There is no channel of this code."),
    "changed": gettext_lazy("This record number came before with other content."),
    "amount": gettext_lazy("The amount must be above zero."),
}


def _require_amounts(intake: Intake) -> None:
    places = {
        column.key: place
        for column, place in zip(intake.profile.columns, intake.layout.places, strict=True)
    }
    missing = [
        title
        for title, key in zip(_AMOUNT_TITLES, ("income", "expense"), strict=True)
        if places[key] is None
    ]
    if missing:
        raise BadInput(
            "tables.missing_columns",
            _("Columns are missing: %(names)s.") % {"names": ", ".join(missing)},
        )


def _named_channel(options: Mapping[str, Any], *, actor: Actor, at: dt.datetime) -> int | None:
    """Return the channel the import names; a machine opens one that is new."""
    code = str(options.get("channel") or "")
    found = channels.ids_of([code]) if code else []
    if found or not code:
        return found[0] if found else None
    if actor.is_machine:
        return records.channel_of(code=code, actor=actor, at=at)
    raise BadInput(
        "finance.channel_unknown", _("There is no channel named “%(code)s”.") % {"code": code}
    )


def _statement_channel(
    options: Mapping[str, Any], account_no: str, *, actor: Actor, at: dt.datetime
) -> int:
    """Return the channel of a statement: as named, else by its account, else the provider's."""
    named = _named_channel(options, actor=actor, at=at)
    if named is None:
        named = settlement.channel_of_account(provider=PROVIDER, account_no=account_no)
    if named is None:
        named = _named_channel({"channel": PROVIDER}, actor=actor, at=at)
    if named is None:
        raise BadInput("finance.channel_missing", _("Say which channel the statement belongs to."))
    return named


def _scope(options: Mapping[str, Any]) -> Scope | None:
    code = str(options.get("channel") or "")
    found = channels.ids_of([code]) if code else []
    return Scope("channel", found[0]) if found else None


register_profile(ALIPAY, load=load_alipay, policy=may("finance", "P"), scope=_scope)
register_profile(PAYMENT_RECORDS, load=load_records, policy=may("finance", "P"), scope=_scope)
