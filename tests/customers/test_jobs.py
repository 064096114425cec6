"""Overdue orders are told every hour (SCM-2.4-04)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ops.engines.identity.choices import Role
from ops.engines.jobs import services as jobs
from ops.engines.notices.models import Notice
from tests.customers.house import AT, SYSTEM, House


@pytest.mark.clause("SCM-2.4-04")
def test_overdue_orders_are_told_to_the_specialists_of_their_channel(shop: House) -> None:
    user = shop.worker("li", Role.OPERATIONS_SPECIALIST)
    shop.place("T1", ("A-1", 1))
    late = timezone.now() - timedelta(days=9)
    shop.place("T2", ("A-1", 1), placed_at=late, paid_at=late)

    run = jobs.run_now(name="order_sla_watch", period="2026-11-21T04:00", actor=SYSTEM, at=AT)

    assert run.result == {"channels": 1, "orders": 1}
    notice = Notice.objects.get(
        person_id=user.person_id, subject=f"customers.late:{shop.channel_id}"
    )
    assert notice.params["count"] == 1
