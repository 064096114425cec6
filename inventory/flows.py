"""Approval flows of purchasing, receiving and counting.

A purchase beyond the finance limit binds more money than anything else decided here: the finance
manager proves who decides it (S13). What is counted or received is worth far less and happened
already.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import rules
from inventory.choices import (
    CountKind,
    Mismatch,
    MismatchTreatment,
    RefusalChoice,
    VarianceCause,
    VarianceTreatment,
)
from inventory.services import discrepancies, purchasing, variances
from ops.engines.approvals.flows import Example, Flow, Step, register
from ops.engines.clocks.limits import hours
from ops.engines.identity.choices import Role

# HR-1.2-08: what a warehouse reports waits a day and a night for the store manager, no longer.
WITHIN_A_DAY: Final = hours(24)


def beyond_manager_limit(shown: Mapping[str, Any]) -> bool:
    """Say whether an order is the operations manager's to decide too (SCM-2.4-01)."""
    return Decimal(shown["total"]) > rules.PURCHASE_MANAGER_LIMIT


def beyond_finance_limit(shown: Mapping[str, Any]) -> bool:
    """Say whether an order is the finance manager's to decide too (SCM-2.4-01)."""
    return Decimal(shown["total"]) > rules.PURCHASE_FINANCE_LIMIT


def needs_director(shown: Mapping[str, Any]) -> bool:
    """Say whether a count is the director's to decide (SCM-2.3-06, SCM-2.3-07)."""
    return shown["kind"] != CountKind.CYCLE or Decimal(shown["gross"]) >= rules.CYCLE_COUNT_LIMIT


def ends_with_store_manager(shown: Mapping[str, Any]) -> bool:
    """Say whether the store manager decides a small cycle count alone (SCM-2.3-07)."""
    return not needs_director(shown)


def describe_purchase(content: Mapping[str, Any]) -> str:
    """Say in one sentence what is asked for."""
    return _("%(count)s SKUs from %(supplier)s for %(total)s CNY") % {
        "count": len(content["lines"]),
        "supplier": content["supplier"],
        "total": content["total"],
    }


def describe_mismatch(content: Mapping[str, Any]) -> str:
    """Say in one sentence what is asked for."""
    return _(
        "%(receipt)s: %(count)s lines differ, worth %(value)s CNY; proposed: %(treatment)s"
    ) % {
        "receipt": content["receipt"],
        "count": len(content["lines"]),
        "value": content["value"],
        "treatment": MismatchTreatment(content["treatment"]).label,
    }


def describe_count(content: Mapping[str, Any]) -> str:
    """Say in one sentence what is asked for."""
    return _("%(number)s: %(count)s differences, net %(net)s CNY") % {
        "number": content["number"],
        "count": len(content["lines"]),
        "net": content["net"],
    }


def _purchase(total: str) -> Example:
    line = {"sku": 1, "code": "WJ-2207", "quantity": 10, "unit_price": "70.000000"}
    return Example(
        content={"supplier": "Hengyuan Wool", "total": total, "lines": [line]},
        figures={"total": total, "lines": 1},
    )


def _mismatch(value: str) -> Example:
    line = {
        "line": 1,
        "sku": 1,
        "code": "WJ-2207",
        "name": "scarf",
        "noted": 10,
        "counted": 9,
        "good": 8,
        "mismatch": Mismatch.DAMAGED,
        "finding": "one wet, one missing",
        "bin": 8,
        "quarantine": 1,
    }
    return Example(
        content={
            "receipt": "GR-2611-0003",
            "choice": RefusalChoice.HOLD,
            "treatment": MismatchTreatment.CLAIM,
            "reason": "the box was open",
            "value": value,
            "lines": [line],
        },
        figures={"value": value, "lines": 1},
    )


def _count(kind: str, gross: str) -> Example:
    line = {
        "line": 1,
        "sku": 1,
        "code": "WJ-2207",
        "lot": None,
        "place": "A-01-02",
        "from": 2,
        "to": 1,
        "quantity": 3,
        "book": 10,
        "counted": 7,
        "recounted": 7,
        "variance": -3,
        "value": f"-{gross}",
        "cause": VarianceCause.LOSS,
        "responsible": "",
        "treatment": VarianceTreatment.ADJUST,
        "note": "",
    }
    return Example(
        content={
            "number": "ST-2611-0001",
            "warehouse": 1,
            "kind": kind,
            "book_at": "2026-11-30T10:00:00+00:00",
            "book_move": 1,
            "net": f"-{gross}",
            "lines": [line],
        },
        figures={"lines": 1, "gain": "0.00", "loss": gross, "net": f"-{gross}", "gross": gross},
    )


PURCHASE_ORDER = register(
    Flow(
        "purchase_order",
        title=gettext_lazy("Purchase order"),
        requester=frozenset({Role.PURCHASING_OFFICER}),
        steps=(
            Step(Role.OPERATIONS_SUPERVISOR),
            Step(Role.OPERATIONS_MANAGER, when=beyond_manager_limit),
            Step(Role.FINANCE_MANAGER, when=beyond_finance_limit, step_up=True),
        ),
        area="inventory",
        scope="warehouse",
        effect=purchasing.approve,
        on_return=purchasing.take_back,
        guards="inventory_purchaseorder",
        clauses=("SCM-2.4-01",),
        describe=describe_purchase,
        total="total",
        examples=(_purchase("700.00"), _purchase("250000.00")),
    )
)

RECEIPT_MISMATCH = register(
    Flow(
        "receipt_mismatch",
        title=gettext_lazy("Goods that differ from their note"),
        requester=frozenset({Role.WAREHOUSE_KEEPER}),
        steps=(
            Step(Role.STORE_MANAGER, within=WITHIN_A_DAY),
            Step(Role.OPERATIONS_DIRECTOR, when=discrepancies.needs_director),
        ),
        area="inventory",
        scope="warehouse",
        effect=discrepancies.decide,
        on_return=discrepancies.take_back,
        guards="inventory_receiptline",
        clauses=("SCM-2.2-03", "HR-1.2-06", "HR-1.2-08"),
        describe=describe_mismatch,
        total="value",
        examples=(_mismatch("140.00"), _mismatch("2800.00")),
    )
)

STOCK_ADJUSTMENT = register(
    Flow(
        "stock_adjustment",
        title=gettext_lazy("Stock count differences"),
        requester=frozenset({Role.WAREHOUSE_KEEPER, Role.FINANCE_OFFICER}),
        steps=(
            Step(Role.STORE_MANAGER, when=needs_director, opinion=True, within=WITHIN_A_DAY),
            Step(Role.OPERATIONS_DIRECTOR, when=needs_director),
            Step(Role.STORE_MANAGER, when=ends_with_store_manager, within=WITHIN_A_DAY),
        ),
        area="inventory",
        scope="warehouse",
        effect=variances.apply,
        on_return=variances.take_back,
        guards="inventory_move",
        clauses=("HR-1.2-06", "HR-1.2-08", "SCM-2.3-06", "SCM-2.3-07"),
        describe=describe_count,
        total="net",
        examples=(
            _count(CountKind.CYCLE, "210.00"),
            _count(CountKind.QUARTER, "210.00"),
        ),
    )
)
