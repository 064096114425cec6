"""Goods that come back for quality or description are told to who owns the product (HR-1.2-02)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from catalog.models import ProductFeedback
from customers import rules
from customers.events import ReturnAccepted
from customers.handlers import tell_departments
from customers.services import returns
from customers.types import ReturnWant
from ops.engines.kernel.parse import business_day
from tests.customers.house import AT, SYSTEM, House
from tests.customers.test_handling import ship

clause = pytest.mark.clause("HR-1.2-02")


def returned(shop: House, number: str, reason: str, codes: Sequence[str] = ("A-1",)) -> int:
    """Ship goods, and take them back for a reason."""
    shipped = ship(shop, number, *((code, 1) for code in codes))
    made = returns.request_return(
        order_id=shipped.pk,
        lines=[ReturnWant(line_no=line, quantity=1) for line in range(1, len(codes) + 1)],
        reason=reason,
        actor=SYSTEM,
        at=AT,
    )
    returns.accept_return(return_id=made.id, actor=SYSTEM, at=AT)
    return made.id


@clause
def test_a_return_for_quality_becomes_feedback_once_per_sku_and_reaches_nobody(
    shop: House,
) -> None:
    told = returned(shop, "T1", "袖口起球，质量差，电 13800138000", ("A-1", "C-3"))
    other = returned(shop, "T2", "尺码拍错了")
    facts = [ReturnAccepted(return_id=pk, dated_on=business_day(AT)) for pk in (told, other)]

    tell_departments(facts)
    tell_departments(facts)

    rows = list(ProductFeedback.objects.select_related("sku").order_by("sku__code"))
    assert [row.sku.code for row in rows if row.sku] == ["A-1", "C-3"]
    assert {(row.source, row.step, row.recorded_by) for row in rows} == {("return", "new", None)}
    assert {row.text for row in rows} == {"袖口起球，质量差，电 …"}
    assert all(row.reference.startswith("RT-") for row in rows)


def test_reasons_that_speak_of_goods_are_told_from_moods() -> None:
    spoken = ("颜色不符", "收到破损", "Not as described", "面料有瑕疵")

    assert all(rules.speaks_of_goods(one) for one in spoken)
    assert not any(rules.speaks_of_goods(one) for one in ("拍错", "不喜欢", "does not fit", ""))
