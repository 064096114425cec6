"""The registry whole: what is declared nowhere stops the start; costs leave by every way out."""

from __future__ import annotations

import json
from io import StringIO
from types import MappingProxyType

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from ops.engines.desk.cells import Column, Lines
from ops.engines.http import checks
from ops.engines.http.registry import doors, entries
from ops.engines.identity.register import positions
from ops.engines.kernel import classified, policy
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.classified import DataClass
from ops.engines.kernel.errors import Forbidden


def position(key: str) -> Actor:
    return next(one.actor for one in positions() if one.key == key)


BLIND, SEEING = position("customer_service_agent"), position("finance_officer")
NOBODY = Actor(kind=ActorKind.PERSON, name="outsider")


def test_a_stored_cost_or_person_without_a_class_stops_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = dict(classified.classified())
    del known["inventory.Move", "unit_cost"], known["customers.Customer", "phone_enc"]
    monkeypatch.setattr(classified, "_fields", known)

    with pytest.raises(ImproperlyConfigured, match=r"Move\.unit_cost.*Customer\.phone_enc"):
        checks.require_declared()


def test_a_class_nobody_guards_stops_the_start_and_is_read_by_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(classified, "_guards", {})

    assert "data class cost has no readers" in checks.undeclared()
    assert not classified.may_read(DataClass.COST, SEEING)


def test_an_area_that_nothing_confines_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "_kinds", {"ops": "department"})

    assert "area inventory is confined to no kind of object" in checks.undeclared()


def test_a_classified_field_that_is_gone_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = classified.Classified("inventory.Move", "gone", DataClass.COST)
    monkeypatch.setattr(
        classified, "_fields", {**classified.classified(), ("inventory.Move", "gone"): gone}
    )

    assert "field inventory.Move.gone is classified and does not exist" in checks.undeclared()


def test_costs_are_known_by_their_names_at_any_depth() -> None:
    answer = {"sku": "A", "unit_cost": "7.00", "lines": [{"margin_new": "55", "price": "9.00"}]}

    assert classified.without(answer, SEEING) == answer
    assert classified.without(answer, BLIND) == {
        "sku": "A",
        "unit_cost": None,
        "lines": [{"margin_new": None, "price": "9.00"}],
    }


def test_names_that_only_sound_alike_are_no_costs() -> None:
    assert {classified.class_of(n) for n in ("costume", "is_costed", "floor_area", "total")} == {
        DataClass.INTERNAL
    }


def test_what_a_view_names_itself_is_a_cost_too() -> None:
    also = MappingProxyType({"value": DataClass.COST})

    assert classified.without({"value": "7.00"}, BLIND, also=also) == {"value": None}
    assert classified.without({"value": "7.00"}, SEEING, also=also) == {"value": "7.00"}


def test_a_table_loses_the_columns_of_costs() -> None:
    lines = Lines("", [Column("code", ""), Column("unit_cost", "")], [])

    assert [one.key for one in lines.known_to(BLIND).columns] == ["code"]
    assert [one.key for one in lines.known_to(SEEING).columns] == ["code", "unit_cost"]


def test_small_letters_reach_granted_objects_only() -> None:
    see = policy.may("inventory", "V")

    assert see.objects == "warehouse"
    assert see.reach(position("auditor")) == "all"
    assert see.reach(position("warehouse_keeper")) == "scope"
    assert see.reach(NOBODY) == ""
    assert policy.only("auditor").reach(position("warehouse_keeper")) == ""


def test_every_kind_of_thing_is_in_the_registry() -> None:
    kinds = {entry.kind for entry in entries()}

    assert {"route", "screen", "action", "record", "job", "report", "export", "field"} <= kinds


def test_the_registry_prints_as_one_object() -> None:
    out = StringIO()

    call_command("policies", "--json", stdout=out)

    told = json.loads(out.getvalue())
    assert len(told["doors"]) == len(doors())
    cost = next(e for e in told["entries"] if e["name"] == "inventory.Move.unit_cost")
    assert (cost["kind"], cost["data"]) == ("field", "cost")
    assert "customer_service_agent" not in cost["roles"]


def test_reports_and_exports_say_the_class_they_give_away() -> None:
    held = {(entry.kind, entry.name): entry.data for entry in entries()}

    assert held["report", "stock_in_out_onhand"] is DataClass.COST
    assert held["report", "price_changes"] is DataClass.COST
    assert held["export", "inventory.views.stock.StockList"] is DataClass.COST
    assert held["export", "compliance.views.clauses.ClauseList"] is DataClass.INTERNAL


def test_a_report_of_costs_is_refused_to_who_may_not_read_them() -> None:
    with pytest.raises(Forbidden):
        classified.require_readable(DataClass.COST, BLIND)

    classified.require_readable(DataClass.COST, SEEING)
    classified.require_readable(DataClass.INTERNAL, BLIND)
