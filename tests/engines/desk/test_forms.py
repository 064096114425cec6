"""Forms: strict reading, errors beside the field, empty rows left out, nothing rounded."""

from datetime import date
from decimal import Decimal

from django.utils.datastructures import MultiValueDict

from ops.engines.desk.fields import Field, LineFields, blank_form, place_error, read_form
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import RuleViolation

TODAY = date(2026, 11, 21)
ME = Actor.system()
FIELDS = (
    Field("amount", "Amount", "money"),
    Field("day", "Day", "day", required=False),
    Field("shop", "Shop", "choice", choices=[("a", "A"), ("b", "B")]),
    LineFields("lines", "Lines", (Field("sku", "SKU", "code"), Field("qty", "Qty", "quantity")), 3),
)


def _read(**typed: str) -> tuple[dict[str, object], list[tuple[str, str]]]:
    data = MultiValueDict({key.replace("__", "-"): [value] for key, value in typed.items()})
    reading = read_form(FIELDS, data=data, files={}, actor=ME, today=TODAY)
    return reading.values, reading.errors


def test_typed_texts_become_values() -> None:
    values, errors = _read(
        amount="1,234.50", day="+7", shop="b", lines__0__sku="A-1", lines__0__qty="３"
    )

    assert errors == []
    assert values == {
        "amount": Decimal("1234.50"),
        "day": date(2026, 11, 28),
        "shop": "b",
        "lines": [{"sku": "A-1", "qty": 3}],
    }


def test_every_error_is_collected_and_names_its_field() -> None:
    _values, errors = _read(amount="1.005", shop="c", lines__1__sku="A-1", lines__1__qty="1.5")

    assert [name for name, _words in errors] == ["amount", "shop", "lines-1-qty"]


def test_empty_rows_are_left_out_but_one_is_needed() -> None:
    _values, errors = _read(amount="1", shop="a")

    assert [name for name, _words in errors] == ["lines"]


def test_what_a_service_refuses_lands_beside_its_field() -> None:
    reading = blank_form(FIELDS, initial={}, actor=ME)

    place_error(reading, RuleViolation("x", "Too much.", field="amount"))
    place_error(reading, RuleViolation("x", "Closed."))

    assert reading.bound["amount"].error == "Too much."
    assert reading.errors == [("amount", "Too much."), ("", "Closed.")]
