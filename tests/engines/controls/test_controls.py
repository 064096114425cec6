"""Controls: declared once, asked for evidence clause by clause."""

from datetime import UTC, datetime

import pytest

from ops.engines import controls
from ops.engines.controls import declaring

OLD, NEW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declaring, "_controls", {})


def old() -> datetime | None:
    return OLD


def new() -> datetime | None:
    return NEW


def test_a_clause_shows_its_newest_evidence() -> None:
    controls.control("TOY-1.1-01", "record", "toys", evidence=old)
    controls.control("TOY-1.1-01", "workflow", "toy_price", evidence=new)
    controls.control("TOY-1.1-02", "policy", "creed")

    status = controls.status("TOY-1.1-01")

    assert [(s.control.name, s.newest) for s in status.controls] == [
        ("toys", OLD),
        ("toy_price", NEW),
    ]
    assert status.newest == NEW
    assert status.is_enforced


def test_a_policy_alone_enforces_nothing() -> None:
    controls.control("TOY-1.1-02", "policy", "creed")

    status = controls.status("TOY-1.1-02")

    assert (status.newest, status.is_enforced) == (None, False)
    assert controls.status("TOY-9.9-99").controls == ()


def test_declaring_the_same_again_changes_nothing_and_another_is_refused() -> None:
    controls.control("TOY-1.1-01", "record", "toys", evidence=old)
    controls.control("TOY-1.1-01", "record", "toys", evidence=old)

    with pytest.raises(RuntimeError, match="declared twice"):
        controls.control("TOY-1.1-01", "record", "toys", evidence=new)
    with pytest.raises(ValueError, match="wish"):
        controls.control("TOY-1.1-01", "wish", "toys")

    assert len(controls.controls()) == 1
