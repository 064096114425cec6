"""What people typed on an order and under its request, printed: text stays text (S16)."""

from __future__ import annotations

from catalog.models import Sku
from ops.engines.approvals.models import Request
from tests.badinput.asking import API, ask
from tests.badinput.ground import Ground
from tests.permissions.crawling import get
from tests.support.expressions import EXPRESSIONS, SUM, bare, lost, on_paper

NOTE = " ".join(EXPRESSIONS[:8])
DECIDERS = ("supervisor", "manager", "director", "finance_manager")


def _printed(ground: Ground, who: str, url: str) -> str:
    page = get(ground.browser(who), url)
    assert page.headers["Content-Type"] == "application/pdf", page.body.decode(errors="replace")
    return on_paper(page.body)


def test_an_order_and_its_decided_request_print_what_was_typed(ground: Ground) -> None:
    code = Sku.objects.order_by("pk").values_list("code", flat=True)[0]
    lines = [{"sku": code, "quantity": 1, "unit_cost": "3.00", "reason": "补货"}]
    body = {"supplier": "S001", "warehouse": "HZ", "note": NOTE, "lines": lines}
    order = ask(ground, "buyer_officer", "/purchase-orders/", body)["id"]
    ask(ground, "buyer_officer", f"/purchase-orders/{order}/submit/")
    asked = Request.objects.get(subject_id=order, flow="purchase_order")
    for text in EXPRESSIONS:
        ask(ground, "buyer_officer", f"/approvals/{asked.pk}/comment/", {"text": text})
    for name in DECIDERS:
        ground.api(name).post(f"{API}/approvals/{asked.pk}/approve/", {}, format="json")

    paper = _printed(ground, "buyer_officer", f"/print/purchase_order/{order}/")
    decided = _printed(ground, "buyer_officer", f"/approvals/{asked.pk}/print/")

    assert bare(NOTE) in paper
    assert lost(decided) == []
    assert SUM not in paper + decided
