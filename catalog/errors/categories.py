"""What the catalogue refuses of categories, each refusal once."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import RuleViolation


class NotALeaf(RuleViolation):
    """Products stand in categories that have none below them (CAT-4.1-02)."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.not_a_leaf",
            _("This category has others below it: choose one of those."),
            field="category",
        )


class BelowItself(RuleViolation):
    """A category cannot stand below itself."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.below_itself", _("A category can't stand below itself."), field="parent"
        )


class VariantTwice(RuleViolation):
    """Two SKUs of a product have the same values in everything by which variants differ."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "catalog.variant_twice",
            _("%(code)s is this variant already.") % {"code": code},
            field="attributes",
        )
