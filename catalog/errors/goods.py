"""What the catalogue refuses of goods, each refusal once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import Conflict, NotFound, RuleViolation


class ThingMissing(NotFound):
    """No such category, channel, product or SKU, or outside this actor's scope."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"catalog.{kind}_missing", _("There is no such entry here."), key=key)


class CodeTaken(Conflict):
    """A code we issue, a barcode or a channel's code names something already."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "catalog.code_taken",
            _("%(code)s is in use already, perhaps in another case or width.") % {"code": code},
            sent=code,
        )


class ReasonNeeded(RuleViolation):
    """A price change, a suspension, a retirement states its reason (CAT-4.2-01)."""

    def __init__(self) -> None:
        super().__init__("catalog.reason_needed", _("State the reason."))


def missing(kind: str, wanted: Collection[Any], found: Collection[Any]) -> None:
    """Raise ThingMissing for the first wanted key that was not found."""
    absent = sorted(set(wanted) - set(found))
    if absent:
        raise ThingMissing(kind, absent[0])
