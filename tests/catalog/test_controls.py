"""What an auditor sees behind the clauses of prices."""

from catalog.services import pricing
from ops.engines import controls
from tests.catalog.shop import START, Shop
from tests.engines.identity.factories import AT, SYSTEM


def test_the_newest_trace_of_a_clause_moves_with_the_work(shop: Shop) -> None:
    before = controls.status("CAT-4.2-01")
    assert before.is_enforced
    assert before.newest is None

    shop.approved("189.00")
    assert controls.status("CAT-4.2-01").newest == AT
    pricing.activate_due(actor=SYSTEM, at=START)

    assert controls.status("CAT-4.2-05").newest == START
    assert controls.status("HR-1.2-15").newest == AT
    below = [s for s in controls.status("GEN-1.3-02").controls if s.control.name == "price_change"]
    assert [status.newest for status in below] == [None]
