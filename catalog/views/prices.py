"""Price changes: the list, the draft, the page with facts before buttons (CAT-4.2-01)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import figures
from catalog.choices.prices import PriceChangeState
from catalog.errors import prices as errors
from catalog.models.prices import EDITABLE
from catalog.selectors import channels, lists, prices, references
from catalog.services import pricing
from catalog.types.prices import PriceChangeInfo, PriceFigures
from catalog.views import impact_panel
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Filter,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
)
from ops.engines.identity import selectors as people
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

MOST_SHOWN = 500
_VIEW = may("catalog", "V")
_DRAFT = may("catalog", "C")
_HAND_IN = may("catalog", "C", Role.OPERATIONS_SPECIALIST)


class PriceChangeList(ListScreen):
    """`/price-changes/`: what is proposed, waiting, coming and running."""

    policy = _VIEW
    title = _("Price changes")
    nav = "prices"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("reason", _("Reason"), sub=lambda row: row.channel.name),
        Column("line_count", _("SKUs"), "number"),
        Column("starts_at", _("From"), "moment"),
        Column("ends_at", _("Until"), "moment"),
        Column("state", _("State"), "badge", value=lambda row: PriceChangeState(row.state)),
    )
    filters = (
        Filter("channel", _("Channel"), choices=channels.choices),
        Filter("state", _("State"), choices=PriceChangeState.choices),
    )
    order = "-id"
    export_policy = may("catalog", "E")
    empty = _("No price change yet. Draft the first one; a second person decides.")
    empty_label = _("Draft a price change")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the price changes in the actor's channels."""
        found = lists.price_changes(actor=actor)
        if state := query.get("state"):
            found = found.filter(state=state)
        if channel := query.get("channel"):
            found = found.filter(channel_id=channel)
        return query.page(found, orders={"id": "id"})

    def row_href(self, row: Any) -> str:
        """Open the price change."""
        return reverse("catalog:price_change", args=[row.pk])

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Offer the draft."""
        return (
            Action(
                key="draft",
                label=_("Draft a price change"),
                href=reverse("catalog:price_change_draft"),
                policy=_DRAFT,
                is_primary=True,
            ),
            Action(
                key="rule",
                label=_("Change prices by rule"),
                href=reverse("catalog:price_change_by_rule"),
                policy=_DRAFT,
            ),
            Action(
                key="file",
                label=_("Price changes from a file"),
                href=reverse("catalog:price_change_from_file"),
                policy=_DRAFT,
            ),
        )


class PriceChangeScreen(RecordScreen):
    """`/price-changes/<id>/`: the proposal with its figures; acts only through the flow."""

    policy = _VIEW
    title = _("Price change")
    nav = "prices"
    list_url_name = "catalog:price_changes"
    list_title = _("Price changes")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the price change with the figures as they are now."""
        change = prices.price_change(change_id=key["change_id"], actor=actor)
        shown = prices.price_figures(
            change_id=change.id, channel_id=change.channel_id, at=at, limit=MOST_SHOWN
        )
        proofs = references.of_change(change_id=change.id) if shown.struck else []
        replay = impact_panel.of_price_change(change, actor=actor, at=at)
        return Record(
            number=change.number,
            title=change.reason,
            state=PriceChangeState(change.state),
            actions=(*_actions(change), *replay.actions),
            facts=(_facts(change), *replay.facts),
            lines=(
                figures.table(shown.lines),
                *([figures.proofs(proofs)] if proofs else []),
                *replay.lines,
            ),
            charts=(*figures.charts(shown.lines), *replay.charts),
            clauses=("CAT-4.2-01", "CAT-4.2-04", "GEN-1.3-02"),
            subject=(pricing.SUBJECT, change.id),
            notices=[
                *figures.policy_words(shown.outside_band, shown.below_floor),
                *_many(shown),
                *replay.notices,
            ],
        )


def _many(shown: PriceFigures) -> list[tuple[str, str]]:
    """Say that a page holds the first of many lines."""
    if shown.count <= len(shown.lines):
        return []
    words = gettext("The %(most)s deepest of %(count)s lines are shown; the sums are over all.")
    return [("info", words % {"most": len(shown.lines), "count": shown.count})]


def _facts(change: PriceChangeInfo) -> FactGroup:
    return FactGroup(
        title=_("Proposal"),
        facts=(
            Fact(title=_("Channel"), value=channels.channel(change.channel_id).name),
            Fact(title=_("Price tier"), value=change.tier),
            Fact(title=_("Reason"), value=change.reason),
            Fact(title=_("From"), value=change.starts_at, kind="moment"),
            Fact(title=_("Until"), value=change.ends_at, kind="moment"),
            Fact(title=_("Drafted by"), value=people.person_name(change.drafted_by)),
            Fact(title=_("Drafted at"), value=change.drafted_at, kind="moment"),
            Fact(title=_("Why no rival price"), value=change.rival_note),
        ),
    )


def _actions(change: PriceChangeInfo) -> tuple[Action, ...]:
    is_open = change.state in EDITABLE
    decided = "" if is_open else _("This change is no longer a draft.")
    return (
        Action(
            key="submit",
            label=_("Hand in"),
            run=lambda _values, actor, at: _submit(change.id, actor, at),
            policy=_HAND_IN,
            why_not=decided,
            confirm=_("The figures are fixed and a second person decides."),
            is_primary=is_open,
        ),
        Action(
            key="edit",
            label=_("Edit"),
            href=reverse("catalog:price_change_edit", args=[change.id]),
            policy=_DRAFT,
            why_not=decided
            or (errors.TooLongToEdit(change.lines).message if change.lines > MOST_SHOWN else ""),
        ),
        _approval(change)
        if change.approval_id
        else Action(
            key="withdraw",
            label=_("Give up"),
            run=lambda _values, actor, at: _withdraw(change.id, actor, at),
            policy=_DRAFT,
            why_not=decided,
            confirm=_("The draft ends here; nothing was changed."),
        ),
    )


def _approval(change: PriceChangeInfo) -> Action:
    return Action(
        key="approval",
        label=_("Who decided, with which figures"),
        href=reverse("desk:approval", args=[change.approval_id]),
    )


def _submit(change_id: int, actor: Actor, at: dt.datetime) -> Done:
    change = pricing.submit_price_change(change_id=change_id, actor=actor, at=at)
    return Done(message=gettext("%(number)s waits for a decision.") % {"number": change.number})


def _withdraw(change_id: int, actor: Actor, at: dt.datetime) -> Done:
    change = pricing.withdraw_price_change(change_id=change_id, actor=actor, at=at)
    return Done(message=gettext("%(number)s was given up.") % {"number": change.number})
