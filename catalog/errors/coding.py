"""What the catalogue refuses of codes, each refusal once."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import Conflict


class RuleNotNewer(Conflict):
    """A version of a rule starts before an earlier version, or in the past."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.rule_not_newer",
            _("A new version starts today or later, and not before the one it follows."),
        )
