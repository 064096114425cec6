"""What the catalogue refuses of recommendations."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import RuleViolation


class RuleUnchanged(RuleViolation):
    """A version of a rule says something its former one did not."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.recommendation_rule_unchanged",
            _("These figures are in force already; a new version changes at least one."),
        )
