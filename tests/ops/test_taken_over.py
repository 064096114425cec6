"""What was approved before go-live is shown as it came, whatever its flow declares."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ops.engines.approvals import selectors, services
from ops.engines.approvals.flows import flows
from ops.engines.desk.decisions import page_of
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from tests.catalog.shop import actor
from tests.engines.identity.factories import account

AT = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("key", sorted(flows()))
def test_a_request_that_was_taken_over_opens_in_every_flow(key: str) -> None:
    made = services.open_as_history(
        flow=key,
        subject=("toys.batch", 1),
        title="old.csv",
        content={"rows": 3},
        actor=Actor.importer(),
        at=AT,
    )
    auditor = actor(account("auditor", Role.AUDITOR), at=AT)

    detail = selectors.request(request_id=made.id, actor=auditor, at=AT)
    page = page_of(detail, actor=auditor)

    assert "old.csv" in page.sentence
    assert [figure.text for figure in page.content] == ["3"]
