"""What a shop plan says: for whom, in which price band, in what style, on what evidence."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from catalog.rules.pages import reading
from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput

FIELDS: Final = ("position", "audience", "price_low", "price_high", "style", "demand")
MOST_DEMAND: Final = 20


def read_plan(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read a shop plan; raises BadInput by field (band upside down, no evidence of demand)."""
    reading.known(sent, FIELDS)
    low, high = _price(sent, "price_low"), _price(sent, "price_high")
    if low > high:
        raise BadInput(
            "catalog.band", _("The band ends below where it begins."), field="price_high"
        )
    return {
        "position": reading.text(sent, "position", most=400),
        "audience": reading.text(sent, "audience", most=400),
        "price_low": f"{low:.2f}",
        "price_high": f"{high:.2f}",
        "style": reading.text(sent, "style", most=4000, lines=True),
        "demand": reading.rows(sent, "demand", _evidence, most=MOST_DEMAND),
    }


def _price(sent: Mapping[str, Any], key: str) -> Decimal:
    with reading.at(key):
        price = parse.money(sent.get(key))
        if price <= 0:
            raise BadInput("input.positive", _("Not above zero."))
        return price


def _evidence(sent: Mapping[str, Any]) -> dict[str, str]:
    reading.known(sent, ("finding", "source"))
    return {
        "finding": reading.text(sent, "finding", most=400),
        "source": reading.text(sent, "source", most=200),
    }
