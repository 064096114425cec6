"""What a page design says: the plan it follows, the modules it is composed of, its checklist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from catalog.rules import search_fields
from catalog.rules.pages import checklist, reading
from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput

SEARCH: Final = ("keywords", "search_title", "search_text")
FIELDS: Final = ("title", "plan", "modules", "checklist", *SEARCH)
MOST_MODULES: Final = 40


def read_design(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read a page design; raises BadInput by field.

    `plan` is the number of the shop plan's version, `modules` the placements in the order of the
    page: a name of their own, the code and version of the module type, its values. What the page
    says to a search may be left out.
    """
    reading.known(sent, FIELDS)
    placed = reading.rows(sent, "modules", _placement, most=MOST_MODULES)
    reading.once([each["key"] for each in placed], "modules")
    return {
        "title": reading.text(sent, "title", most=60),
        "plan": reading.number(sent, "plan", least=1),
        "modules": placed,
        "checklist": checklist.read_answers(sent.get("checklist", {})),
        **_said_to_search(sent),
    }


def _said_to_search(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Read what the page says to a search; what is empty is not held (CAT-4.3-14)."""
    title, text = search_fields.MOST_SEARCH_TITLE, search_fields.MOST_SEARCH_TEXT
    said = {
        "keywords": list(search_fields.read_keywords(sent.get("keywords", ()))),
        "search_title": reading.text(sent, "search_title", most=title, least=0),
        "search_text": reading.text(sent, "search_text", most=text, least=0),
    }
    return {name: value for name, value in said.items() if value}


def _placement(sent: Mapping[str, Any]) -> dict[str, Any]:
    reading.known(sent, ("key", "module", "version", "values"))
    values = sent.get("values", {})
    if not isinstance(values, Mapping):
        raise BadInput("input.mapping", _("Not a set of fields."), field="values")
    with reading.at("key"):
        key = parse.code(sent.get("key"), most=30)
    with reading.at("module"):
        module = parse.code(sent.get("module"), most=40)
    return {
        "key": key,
        "module": module,
        "version": reading.number(sent, "version", least=1),
        "values": {str(name): _value(value, str(name)) for name, value in values.items()},
    }


def _value(value: Any, name: str) -> Any:
    """Read one value in its plain form; what the module allows is asked by the checks."""
    with reading.at(f"values.{name}"):
        if isinstance(value, str):
            return parse.text(value, most=4000, lines=True).strip()
        if isinstance(value, bool) or value is None:
            raise BadInput("input.value", _("Neither text, number, picture nor SKUs."))
        if isinstance(value, int):
            return parse.quantity(value)
        if isinstance(value, Mapping):
            reading.known(value, ("file", "alt"))
            return {
                "file": reading.number(value, "file", least=1),
                "alt": reading.text(value, "alt", most=120),
            }
        if isinstance(value, list):
            return [parse.code(each, most=64) for each in value]
        raise BadInput("input.value", _("Neither text, number, picture nor SKUs."))
