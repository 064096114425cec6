"""Entries by hand on screen: the list, one entry, the form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from finance import errors
from finance.choices import DraftState
from finance.models import Account, ManualEntry
from finance.selectors.manual import drafts
from finance.services import manual
from finance.types import ZERO, LineDraft
from finance.views.ledger import account_choices
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
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import everywhere, may

VIEW, ENTER, EXPORT = everywhere("finance", "V"), may("finance", "C"), may("finance", "E")


class ManualList(ListScreen):
    """Entries by hand, on their way to being vouchers."""

    policy = VIEW
    title = _("Entries by hand")
    nav = "entries"
    row_url = "finance:manual-entry"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("business_day", _("Day"), "day"),
        Column("memo", _("Memo")),
        Column("state", _("State"), "badge", value=lambda r: DraftState(r.state)),
        Column("voucher", _("Voucher"), "code", value=lambda r: r.entry and r.entry.voucher),
        Column("drafted_at", _("Drafted at"), "moment"),
    )
    filters = (Filter("state", _("State"), choices=DraftState.choices),)
    order = "-id"
    export_policy = EXPORT

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page."""
        rows = drafts()
        if state := query.get("state"):
            rows = rows.filter(state=state)
        return query.page(rows, orders={"id": "pk"})

    def head_actions(self, *, actor: Actor) -> tuple[Action, ...]:
        """Offer a new one."""
        new = reverse("finance:manual-entry-new")
        return (Action(key="new", label=_("Enter by hand"), href=new, policy=ENTER),)


class ManualScreen(RecordScreen):
    """One entry by hand."""

    policy = VIEW
    nav = "entries"
    list_url_name = "finance:manual-entries"
    list_title = _("Entries by hand")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return one entry by hand."""
        row = drafts().filter(pk=key["pk"]).first()
        if row is None:
            raise errors.DraftMissing(
                "finance.draft_missing", gettext("There is no such manual entry.")
            )
        names = dict(Account.objects.values_list("code", "name"))
        can_submit = row.state in (DraftState.DRAFT, DraftState.RETURNED)
        return Record(
            number=row.number,
            title=row.memo,
            state=DraftState(row.state),
            actions=(
                Action(
                    key="submit",
                    label=_("Hand in"),
                    policy=ENTER,
                    is_primary=True,
                    why_not="" if can_submit else gettext("It was handed in already."),
                    run=partial(_submit, row.pk),
                ),
            ),
            facts=(
                FactGroup(
                    title=_("Entry"),
                    facts=(
                        Fact(title=_("Day"), value=row.business_day, kind="day"),
                        Fact(title=_("Currency"), value=row.currency),
                        Fact(
                            title=_("Reverses"),
                            value=row.reverses.voucher if row.reverses else "",
                        ),
                        Fact(
                            title=_("Voucher"),
                            value=row.entry.voucher if row.entry else "",
                            href=(
                                reverse("finance:entry", args=[row.entry_id]) if row.entry else ""
                            ),
                        ),
                    ),
                ),
            ),
            lines=_manual_lines(row, names),
            related=[
                Related(title=_("Approval"), href=reverse("desk:approval", args=[row.approval_id]))
            ]
            if row.approval_id
            else (),
            clauses=("FIN-7.1-02",),
            subject=(manual.SUBJECT, row.pk),
        )


def _manual_lines(row: ManualEntry, names: Mapping[str, str]) -> list[Lines]:
    if row.reverses_id is not None:
        return []
    return [
        Lines(
            _("Lines"),
            (
                Column("account", _("Account"), "code"),
                Column("name", _("Name"), value=lambda r: names.get(r["account"], "")),
                Column("debit", _("Debit"), "money", unit=row.currency),
                Column("credit", _("Credit"), "money", unit=row.currency),
            ),
            row.lines,
        )
    ]


def _submit(draft_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    made = manual.submit(draft_id=draft_id, actor=actor, at=at)
    return Done(
        message=gettext("%(number)s was handed in to the finance manager.")
        % {"number": made.number}
    )


class ManualForm(FormScreen):
    """A new entry by hand."""

    policy = ENTER
    title = _("Entry by hand")
    nav = "entries"
    submit_label = _("Keep the draft")
    check = True
    keeps_draft = True
    lead = _("Another person approves it before it is posted.")
    groups = (
        Group(
            _("Voucher"),
            (
                Field("business_day", _("Day"), "day"),
                Field("memo", _("Memo"), most=200, least=1),
                Field("currency", _("Currency"), "code", required=False, most=3),
            ),
        ),
        Group(
            _("Lines"),
            (
                LineFields(
                    "lines",
                    _("Lines"),
                    (
                        Field("account", _("Account"), "choice", choices=account_choices),
                        Field("debit", _("Debit"), "money", required=False),
                        Field("credit", _("Credit"), "money", required=False),
                    ),
                    rows=4,
                ),
            ),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep the draft."""
        made = manual.draft(
            business_day=values["business_day"],
            memo=values["memo"],
            currency=values["currency"] or "CNY",
            lines=[
                LineDraft(line["account"], line["debit"] or ZERO, line["credit"] or ZERO)
                for line in values["lines"]
            ],
            actor=actor,
            at=at,
        )
        return Done(
            message=gettext("%(number)s is kept. Hand it in when it is complete.")
            % {"number": made.number},
            href=reverse("finance:manual-entry", args=[made.id]),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the vouchers."""
        return reverse("finance:manual-entries")
