"""Why a price violation is not confirmed, or not taken back."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ops.engines.kernel.errors import Conflict, NotFound, RuleViolation


class PenaltyMissing(NotFound):
    """The case was never confirmed."""

    def __init__(self, case_id: int) -> None:
        super().__init__(
            "catalog.penalty_missing", _("This case was never confirmed."), case_id=case_id
        )


class PenaltyGiven(Conflict):
    """The case was confirmed already, or its penalty taken back already."""

    def __init__(self) -> None:
        super().__init__("catalog.penalty_given", _("This was decided already."))


class NobodysFault(RuleViolation):
    """A cost that rose under an approved price is nobody's fault."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.nobodys_fault",
            _("The cost rose under an approved price: nobody broke a rule."),
        )


class OwnPrice(RuleViolation):
    """Nobody judges a price of one's own."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.own_price", _("You drafted this price: another person judges the case.")
        )


class OwnPenalty(RuleViolation):
    """Whoever confirmed a case does not take it back."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.own_penalty", _("You confirmed this case: another person takes it back.")
        )
