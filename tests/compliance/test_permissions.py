"""The permission matrix: on screen and as a report, from the registry the doors ask."""

from __future__ import annotations

import pytest

from compliance.selectors import permissions
from ops.engines.http.registry import entries
from ops.engines.identity.models import User
from ops.engines.identity.register import positions
from ops.engines.kernel.actor import Actor
from ops.engines.reports import services
from tests.compliance.conftest import AT, enter


def test_the_matrix_is_every_position_at_everything_declared() -> None:
    rows = {(row.role, row.kind, row.name): row.reach for row in permissions.matrix()}

    assert rows == {
        (one.key, entry.kind, entry.name): reach
        for one in positions()
        for entry in entries()
        if (reach := entry.policy.reach(one.actor))
    }


def test_filters_narrow_the_matrix() -> None:
    found = permissions.matrix(role="warehouse_keeper", area="inventory", kind="report")

    assert {(row.role, row.area, row.kind) for row in found} == {
        ("warehouse_keeper", "inventory", "report")
    }
    assert {row.reach for row in found} == {"scope"}


@pytest.mark.django_db
def test_the_auditor_reads_it_page_by_page(auditor_user: User) -> None:
    client = enter(auditor_user)

    first = client.get("/permissions/?role=warehouse_keeper&n=25")
    second = client.get("/permissions/?role=warehouse_keeper&n=25&after=25")

    assert "权限矩阵" in first.content.decode()
    assert "仅限授权范围" in first.content.decode()
    assert second.status_code == 200
    assert first.content != second.content
    assert client.get("/permissions/?after=x").status_code == 400


@pytest.mark.django_db
def test_others_do_not_read_it(manager_user: User) -> None:
    assert enter(manager_user).get("/permissions/").status_code == 403


@pytest.mark.django_db
def test_the_report_has_the_rows_of_the_matrix(auditor: Actor) -> None:
    made = services.build(
        name="permission_matrix", period="2026-11", fmt="csv", actor=auditor, at=AT
    )

    assert len(made.path.read_text().splitlines()) == len(permissions.matrix()) + 1
