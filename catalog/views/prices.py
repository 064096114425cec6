"""Price changes: the list, the draft, the page with facts before buttons (CAT-4.2-01)."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import figures
from catalog.choices.prices import PriceChangeState
from catalog.errors import prices as errors
from catalog.errors.goods import ThingMissing
from catalog.models.prices import EDITABLE
from catalog.rules import endings
from catalog.selectors import channels, codes, lists, prices, references
from catalog.services import pricing
from catalog.types.prices import PriceChangeInfo, PriceFigures, PriceLine
from catalog.views import impact_panel
from ops.engines.desk.filters import loose_number
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    FormScreen,
    Group,
    LineFields,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
)
from ops.engines.identity import selectors as people
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
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


class PriceChangeForm(FormScreen):
    """`/price-changes/new/` and `/price-changes/<id>/edit/`: reason, window, lines."""

    policy = _DRAFT
    title = _("Draft a price change")
    nav = "prices"
    submit_label = _("Keep the draft")
    keeps_draft = True
    lead = _(
        "Paste rows from a spreadsheet: SKU, new price, rival price. =-5% is five per cent less"
        " than now; Alt and Down fill a column."
    )
    groups = (
        Group(
            _("What and why"),
            (
                Field("channel", _("Channel"), "choice", choices=channels.choices),
                Field(
                    "tier",
                    _("Price tier"),
                    "code",
                    most=16,
                    required=False,
                    hint=_("Empty: everybody's price."),
                ),
                Field("reason", _("Reason"), most=200, least=2),
                Field("rival_note", _("Why no rival price"), required=False),
            ),
        ),
        Group(
            _("When"),
            (
                Field("starts_at", _("From"), "moment", hint=_("Such as 2026-12-01 00:00")),
                Field(
                    "ends_at",
                    _("Until"),
                    "moment",
                    required=False,
                    hint=_("The former price returns then; empty means until further notice."),
                ),
            ),
        ),
        Group(
            _("Prices"),
            (
                LineFields(
                    "lines",
                    _("Lines"),
                    (
                        Field("sku", _("SKU"), "code", most=64),
                        Field("price", _("New price"), most=24, hint=_("149.00 or =-5%")),
                        Field("rival", _("Rival price"), "money", required=False),
                        Field("struck", _("Struck-out price"), "money", required=False),
                    ),
                    rows=6,
                ),
            ),
        ),
    )

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Return the draft as it stands when one is edited."""
        if "change_id" not in key:
            return {}
        change = prices.price_change(change_id=key["change_id"], actor=actor)
        if change.lines > MOST_SHOWN:
            raise errors.TooLongToEdit(change.lines)
        shown = prices.price_figures(change_id=change.id, channel_id=change.channel_id, at=at)
        return {
            "channel": str(change.channel_id),
            "tier": change.tier,
            "reason": change.reason,
            "rival_note": change.rival_note,
            "starts_at": change.starts_at,
            "ends_at": change.ends_at,
            "lines": [
                {
                    "sku": line.code,
                    "price": line.new,
                    "rival": line.rival,
                    "struck": line.struck,
                }
                for line in shown.lines
            ],
        }

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep the draft through the service."""
        editing = "change_id" in key
        channel_id = (
            prices.price_change(change_id=key["change_id"], actor=actor).channel_id
            if editing
            else int(values["channel"])
        )
        lines = _lines(values["lines"], channel_id, tier=values["tier"] or "", at=at)
        if editing:
            change = pricing.edit_price_change(
                change_id=key["change_id"],
                reason=values["reason"],
                rival_note=values["rival_note"] or "",
                starts_at=values["starts_at"],
                ends_at=values["ends_at"],
                open_end=values["ends_at"] is None,
                lines=lines,
                actor=actor,
                at=at,
            )
        else:
            change = pricing.draft_price_change(
                channel_id=int(values["channel"]),
                reason=values["reason"],
                rival_note=values["rival_note"] or "",
                starts_at=values["starts_at"],
                ends_at=values["ends_at"],
                tier=values["tier"] or "",
                lines=lines,
                actor=actor,
                at=at,
            )
        return Done(
            message=gettext("Draft %(number)s is kept.") % {"number": change.number},
            href=reverse("catalog:price_change", args=[change.id]),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the change, or to the list."""
        if "change_id" in key:
            return reverse("catalog:price_change", args=[key["change_id"]])
        return reverse("catalog:price_changes")


def _lines(
    rows: Sequence[Mapping[str, Any]], channel_id: int, *, tier: str, at: dt.datetime
) -> list[PriceLine]:
    known = codes.skus_by_code(codes=[row["sku"] for row in rows])
    for row in rows:
        if row["sku"] not in known:
            raise ThingMissing("sku", row["sku"])
    moved = [known[row["sku"]] for row in rows if row["price"].startswith("=")]
    now = prices.price_at(sku_ids=moved, channel_id=channel_id, tier=tier, at=at) if moved else {}
    return [
        PriceLine(
            sku_id=known[row["sku"]],
            price=_price(row, now.get(known[row["sku"]])),
            rival=row["rival"],
            struck=row["struck"],
        )
        for row in rows
    ]


def _price(row: Mapping[str, Any], now: Decimal | None) -> Decimal:
    """Read a price, or `=-5%`: so much per cent of the price now, half up to the cent."""
    text = unicodedata.normalize("NFKC", row["price"]).strip()
    try:
        if not text.startswith("="):
            return parse.money(loose_number(text))
        percent = parse.money(text[1:].removesuffix("%").removeprefix("+"), negative=True)
    except BadInput as error:
        raise BadInput(error.code, error.message, field="lines") from error
    if not text.endswith("%") or now is None:
        words = gettext("%(sku)s: %(text)s needs a per cent sign and a price that is in force.")
        raise BadInput(
            "catalog.percent_of_nothing",
            words % {"sku": row["sku"], "text": text[:12]},
            field="lines",
        )
    return endings.priced(now, percent=percent)


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
