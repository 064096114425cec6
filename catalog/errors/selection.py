"""What the catalogue refuses of proposals for new products, each refusal once."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import Conflict, NotFound, RuleViolation


class ProposalMissing(NotFound):
    """No such proposal, or in a category outside this actor's scope."""

    def __init__(self, proposal_id: int) -> None:
        super().__init__(
            "catalog.proposal_missing", _("There is no such proposal."), proposal_id=proposal_id
        )


class ProposalClosed(Conflict):
    """The proposal is not in a state in which this may be done."""

    def __init__(self, state: str) -> None:
        super().__init__(
            "catalog.proposal_closed",
            _("In its present state this proposal can't be changed this way."),
            state=state,
        )


class ProposalWrong(RuleViolation):
    """A proposal that lacks its research or contradicts itself, named by the field."""

    def __init__(self, words: Any, *, field: str) -> None:
        super().__init__("catalog.proposal_wrong", words, field=field)


class ProductElsewhere(RuleViolation):
    """The product stands in another category than was approved, or another proposal is its own."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.product_elsewhere",
            _(
                "This product does not stand in the category that was approved, or came by"
                " another proposal."
            ),
            field="product",
        )


class SourcingOver(Conflict):
    """The sourcing task has ended."""

    def __init__(self) -> None:
        super().__init__("catalog.sourcing_over", _("This sourcing task has ended."))
