"""Comparing the books every night, and saying so when they differ (SCM-2.3-03)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_noop

from finance.models import Agreement
from finance.selectors.agreement import compare
from finance.types import AgreementInfo
from ops.engines.audit import services as audit
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind

_TITLE = gettext_noop("The books of %(day)s do not agree")
_BODY = gettext_noop("Stock says %(stock)s, the ledger %(ledger)s. Explain it within two days.")


def record(*, day: dt.date, actor: Actor, at: dt.datetime) -> AgreementInfo:
    """Compare the books at the end of a day and keep the outcome; a difference finds its people."""
    with transaction.atomic():
        found = compare(day=day)
        row = Agreement.objects.create(
            day=day,
            stock_value=found.stock_value,
            ledger_value=found.ledger_value,
            details=list(found.details),
            compared_at=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="finance.books_compared",
            obj=("finance.agreement", row.pk),
            body={
                "day": day,
                "stock": found.stock_value,
                "ledger": found.ledger_value,
                "details": list(found.details),
            },
        )
        if not found.agrees:
            for role in (Role.FINANCE_OFFICER, Role.STORE_MANAGER):
                notices.notify(
                    kind=NoticeKind.ACT,
                    title=_TITLE,
                    body=_BODY,
                    params={
                        "day": day.isoformat(),
                        "stock": str(found.stock_value),
                        "ledger": str(found.ledger_value),
                    },
                    link="/finance/agreement/",
                    subject=f"finance.agreement:{day.isoformat()}",
                    role=role,
                    actor=actor,
                    at=at,
                )
    return found
