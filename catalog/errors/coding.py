"""What the catalogue refuses of codes, each refusal once."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import BadInput, Conflict


class RuleNotNewer(Conflict):
    """A version of a rule starts before an earlier version, or in the past."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.rule_not_newer",
            _("A new version starts today or later, and not before the one it follows."),
        )


class CodeTyped(BadInput):
    """Somebody typed a code where the house gives one."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.code_typed",
            _("Codes are given by the coding rule: leave this out."),
            field="code",
        )
