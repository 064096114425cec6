"""What inventory refuses, by name."""

from __future__ import annotations

from ops.engines.kernel.errors import Conflict, NotFound, RuleViolation


class StockShort(RuleViolation):
    """There is too little to hold or to issue; `context["short"]` lists each SKU with numbers."""


class DayClosed(RuleViolation):
    """The business day or its month is closed: post to the current day, with reference."""


class AlreadyReserved(Conflict):
    """Goods are held for this line already."""


class PapersIncomplete(RuleViolation):
    """Goods may not leave: a paper is missing (SCM-2.2-04)."""


class WrongState(Conflict):
    """The document has moved on; reload."""


class UnknownPlace(NotFound):
    """No such warehouse, location, lot or shipment, or not yours."""


class UnknownDocument(NotFound):
    """No such supplier, purchase order, receipt or count, or not yours."""


class NotReady(RuleViolation):
    """Something that must come first is missing; the message names it."""


class SamePerson(RuleViolation):
    """Another person is needed here (S24)."""


class DecisionNeeded(RuleViolation):
    """Goods that differ from their note wait for an accepted decision (SCM-2.2-03)."""


class CountedByAnother(Conflict):
    """Another person has counted this line; their figure is not overwritten."""


class LotWanted(RuleViolation):
    """Goods of this kind come in with lot and expiry date only."""


class ExpiredGoods(RuleViolation):
    """Goods that have expired are neither good nor put into stock."""


class OpeningUnsigned(RuleViolation):
    """Goods wait for the signed opening check of the day (SCM-2.2-09)."""
