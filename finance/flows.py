"""Approval flows of finance.

A closed month that opens again changes books others rely on: who asks and both who decide prove
themselves, and the database asks for it whatever the request says (S13). A manual entry is posted
in an open month, by another person, and is reversed like any other: the session is enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.services import closing, manual
from ops.engines.approvals.flows import Example, Flow, Step, register
from ops.engines.identity.choices import Role


def describe_entry(content: Mapping[str, Any]) -> str:
    """Say in one sentence what an approval would post."""
    if content["reverses"]:
        return _("Reverse %(voucher)s on %(day)s: %(memo)s") % {
            "voucher": content["voucher"],
            "day": content["business_day"],
            "memo": content["memo"],
        }
    return _("Post %(count)s lines on %(day)s: %(memo)s") % {
        "count": len(content["lines"]),
        "day": content["business_day"],
        "memo": content["memo"],
    }


def describe_reopening(content: Mapping[str, Any]) -> str:
    """Say in one sentence which month would open again."""
    return _("Open %(month)s again: %(reason)s") % {
        "month": content["month"],
        "reason": content["reason"],
    }


MANUAL_JOURNAL = register(
    Flow(
        manual.FLOW,
        title=gettext_lazy("Manual ledger entry"),
        requester=frozenset({Role.FINANCE_OFFICER}),
        steps=(Step(Role.FINANCE_MANAGER),),
        area="finance",
        effect=manual.post_approved,
        on_return=manual.take_back,
        guards="finance_journalentry",
        clauses=("FIN-7.1-02",),
        describe=describe_entry,
        total="total",
        examples=(
            Example(
                content={
                    "business_day": "2026-11-30",
                    "memo": "rent of the warehouse",
                    "reverses": None,
                    "voucher": "",
                    "lines": [
                        {"account": "6602", "debit": "1200.00", "credit": "0.00"},
                        {"account": "1002", "debit": "0.00", "credit": "1200.00"},
                    ],
                },
                figures={"total": "1200.00"},
            ),
        ),
    )
)
PERIOD_REOPEN = register(
    Flow(
        closing.FLOW,
        title=gettext_lazy("Reopening a closed period"),
        requester=frozenset({Role.FINANCE_OFFICER}),
        steps=(
            Step(Role.FINANCE_MANAGER, step_up=True),
            Step(Role.OPERATIONS_DIRECTOR, step_up=True),
        ),
        step_up=True,
        area="finance",
        effect=closing.reopen_approved,
        guards="periods_period",
        clauses=("FIN-7.4-01",),
        describe=describe_reopening,
        examples=(
            Example(
                content={
                    "first": "2026-10-01",
                    "last": "2026-10-31",
                    "month": "2026-10",
                    "reason": "an invoice came late",
                    "documents": ["AP-2610-0007"],
                },
                figures={"revision": 1, "documents": 1},
            ),
        ),
    )
)
