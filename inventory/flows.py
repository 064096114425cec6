"""Approval flows of purchasing, receiving and counting."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import rules
from inventory.choices import CountKind, MismatchTreatment
from inventory.services import discrepancies, purchasing, variances
from ops.engines.approvals.flows import Flow, Step, register
from ops.engines.identity.choices import Role


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


PURCHASE_ORDER = register(
    Flow(
        "purchase_order",
        title=gettext_lazy("Purchase order"),
        requester=frozenset({Role.PURCHASING_OFFICER}),
        steps=(
            Step(Role.OPERATIONS_SUPERVISOR),
            Step(Role.OPERATIONS_MANAGER, when=beyond_manager_limit),
            Step(Role.FINANCE_MANAGER, when=beyond_finance_limit),
        ),
        area="inventory",
        scope="warehouse",
        effect=purchasing.approve,
        on_return=purchasing.take_back,
        guards="inventory_purchaseorder",
        clauses=("SCM-2.4-01",),
        describe=describe_purchase,
    )
)

RECEIPT_MISMATCH = register(
    Flow(
        "receipt_mismatch",
        title=gettext_lazy("Goods that differ from their note"),
        requester=frozenset({Role.WAREHOUSE_KEEPER}),
        steps=(
            Step(Role.STORE_MANAGER),
            Step(Role.OPERATIONS_DIRECTOR, when=discrepancies.needs_director),
        ),
        area="inventory",
        scope="warehouse",
        effect=discrepancies.decide,
        on_return=discrepancies.take_back,
        guards="inventory_receiptline",
        clauses=("SCM-2.2-03", "HR-1.2-06", "HR-1.2-08"),
        describe=describe_mismatch,
    )
)

STOCK_ADJUSTMENT = register(
    Flow(
        "stock_adjustment",
        title=gettext_lazy("Stock count differences"),
        requester=frozenset({Role.WAREHOUSE_KEEPER, Role.FINANCE_OFFICER}),
        steps=(
            Step(Role.STORE_MANAGER, when=needs_director, opinion=True),
            Step(Role.OPERATIONS_DIRECTOR, when=needs_director),
            Step(Role.STORE_MANAGER, when=ends_with_store_manager),
        ),
        area="inventory",
        scope="warehouse",
        effect=variances.apply,
        on_return=variances.take_back,
        guards="inventory_move",
        clauses=("HR-1.2-06", "HR-1.2-08", "SCM-2.3-06", "SCM-2.3-07"),
        describe=describe_count,
    )
)
