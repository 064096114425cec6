"""Price policies: the versions, one version with its share of offers, the draft (CAT-4.2-04)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import figures
from catalog.choices.policies import PolicyState
from catalog.models import PricePolicy
from catalog.models.policies import EDITABLE
from catalog.selectors import policies as selected
from catalog.services import policies
from catalog.types.patrol import PolicyFigures
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
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
)
from ops.engines.identity import selectors as people
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")


def _category(row: PricePolicy) -> str:
    return row.category.name if row.category else gettext("The whole house")


def _review(row: PricePolicy) -> str:
    is_late = row.state == PolicyState.APPROVED and row.review_on < row.seen_on  # type: ignore[attr-defined]
    return gettext("review overdue") if is_late else ""


class PolicyList(ListScreen):
    """`/price-policies/`: every version, what counts and when it is looked at again."""

    policy = _VIEW
    title = _("Price policies")
    nav = "price_policies"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("category", _("Category"), value=_category, sub=lambda row: row.reason),
        Column("starts_on", _("In force from"), "day"),
        Column("review_on", _("Review until"), "day", sub=_review),
        Column("target_margin", _("Target margin (%)"), "number"),
        Column("floor_margin", _("Floor margin (%)"), "number"),
        Column("band", _("Band (%)"), "number"),
        Column("state", _("State"), "badge", value=lambda row: PolicyState(row.state)),
    )
    filters = (Filter("state", _("State"), choices=PolicyState.choices),)
    order = "-id"
    export_policy = may("catalog", "E")
    empty = _("No price policy yet: the house's usual figures count. Draft the first version.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of versions."""
        del actor
        rows = selected.policies()
        if state := query.get("state"):
            rows = rows.filter(state=state)

        def seen(row: PricePolicy) -> PricePolicy:
            row.seen_on = query.today  # type: ignore[attr-defined]
            return row

        return query.page(rows, orders={"id": "id"}, row=seen)

    def row_href(self, row: Any) -> str:
        """Open the version."""
        return reverse("catalog:price_policy", args=[row.pk])

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Offer the draft."""
        del actor
        return (
            Action(
                key="draft",
                label=_("Draft a version"),
                href=reverse("catalog:price_policy_draft"),
                policy=policies.DRAFT,
                is_primary=True,
            ),
        )


class PolicyScreen(RecordScreen):
    """`/price-policies/<id>/`: one version, and how many offers keep to the policy now."""

    policy = _VIEW
    title = _("Price policy")
    nav = "price_policies"
    list_url_name = "catalog:price_policies"
    list_title = _("Price policies")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the version with the share of offers in band."""
        row = selected.policy(key["policy_id"])
        counts = row.pk in selected.in_force(day=business_day(at))
        path = row.category.path if row.category else ""
        shares = selected.shares(actor=actor, at=at, path=path) if counts else []
        return Record(
            number=row.number,
            title=_category(row),
            state=PolicyState(row.state),
            actions=_actions(row),
            facts=(_facts(row),),
            lines=(
                figures.policy_table({key: getattr(row, key) for key in figures.POLICY_KEYS}),
                Lines(
                    _("Offers that keep to the policy now"),
                    (
                        Column("channel", _("Channel"), name=True),
                        Column("within", _("Within"), "number"),
                        Column("offers", _("Offers with known cost"), "number"),
                        Column(
                            "share",
                            _("Share"),
                            "pct",
                            value=lambda s: Decimal(s.within) / s.offers if s.offers else None,
                        ),
                        Column("without_cost", _("Without known cost"), "number"),
                    ),
                    shares,
                    empty=_("This version is not in force, or nothing is priced."),
                ),
            ),
            notices=(
                [("warning", _("The yearly review is overdue: draft the next version."))]
                if counts and row.review_on < business_day(at)
                else ()
            ),
            clauses=("CAT-4.2-04",),
            subject=(policies.SUBJECT, row.pk),
        )


def _facts(row: PricePolicy) -> FactGroup:
    return FactGroup(
        title=_("Version"),
        facts=(
            Fact(title=_("Reason"), value=row.reason),
            Fact(title=_("Owner"), value=people.person_name(row.owner_id)),
            Fact(title=_("Drafted at"), value=row.drafted_at, kind="moment"),
        ),
    )


def _actions(row: PricePolicy) -> tuple[Action, ...]:
    fixed = "" if row.state in EDITABLE else _("This version was handed in and is fixed.")
    actions = [
        Action(
            key="submit",
            label=_("Hand in"),
            run=lambda _values, actor, at: _submit(row.pk, actor, at),
            policy=policies.DRAFT,
            why_not=fixed,
            confirm=_("The finance manager confirms it; from its day on it counts."),
            is_primary=not fixed,
        ),
        Action(
            key="edit",
            label=_("Edit"),
            href=reverse("catalog:price_policy_edit", args=[row.pk]),
            policy=policies.DRAFT,
            why_not=fixed,
        ),
    ]
    if row.approval_id:
        actions.append(
            Action(
                key="approval",
                label=_("Who decided, with which figures"),
                href=reverse("desk:approval", args=[row.approval_id]),
            )
        )
    return tuple(actions)


def _submit(policy_id: int, actor: Actor, at: dt.datetime) -> Done:
    row = policies.submit_policy(policy_id=policy_id, actor=actor, at=at)
    return Done(message=gettext("%(number)s waits for a decision.") % {"number": row.number})


def _percent(key: str, title: Any, *, required: bool = True, hint: Any = "") -> Field:
    return Field(key, title, "money", places=1, required=required, unit="%", hint=hint)


class PolicyForm(FormScreen):
    """`/price-policies/new/` and `/price-policies/<id>/edit/`."""

    policy = policies.DRAFT
    title = _("Draft a version of a price policy")
    nav = "price_policies"
    submit_label = _("Keep the draft")
    groups = (
        Group(
            _("For what, from when"),
            (
                Field(
                    "category_id",
                    _("Category"),
                    "choice",
                    choices=selected.category_choices,
                    required=False,
                    hint=_("Empty: everything without a policy of its own."),
                ),
                Field("starts_on", _("In force from"), "day"),
                Field("reason", _("Reason"), most=200, least=2),
            ),
        ),
        Group(
            _("Margins"),
            (
                _percent("target_margin", _("Target margin (%)")),
                _percent(
                    "floor_margin",
                    _("Floor margin (%)"),
                    hint=_("Below it only the operations director decides."),
                ),
                _percent("ceiling_margin", _("Ceiling margin (%)"), required=False),
            ),
        ),
        Group(
            _("How far prices may go"),
            (
                _percent(
                    "band",
                    _("Band (%)"),
                    hint=_("Beyond it the operations manager decides too."),
                ),
                Field(
                    "window_days",
                    _("Changes count together for (days)"),
                    "quantity",
                    least=1,
                ),
                _percent("above_rival", _("Above rivals at most (%)"), required=False),
                _percent("under_rival", _("Below rivals at most (%)"), required=False),
            ),
        ),
    )

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Return the version as it stands when one is edited, else the house's usual figures."""
        del actor
        if "policy_id" not in key:
            return {
                "starts_on": business_day(at) + dt.timedelta(days=1),
                **figures.USUAL_POLICY,
            }
        row = selected.policy(key["policy_id"])
        keys = ("category_id", "starts_on", "reason", *figures.POLICY_KEYS)
        return {key: getattr(row, key) for key in keys}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep the draft through the service."""
        category = values["category_id"]
        given = PolicyFigures(**{**values, "category_id": int(category) if category else None})
        if "policy_id" in key:
            row = policies.edit_policy(
                policy_id=key["policy_id"], figures=given, actor=actor, at=at
            )
        else:
            row = policies.draft_policy(figures=given, actor=actor, at=at)
        return Done(
            message=gettext("Draft %(number)s is kept.") % {"number": row.number},
            href=reverse("catalog:price_policy", args=[row.pk]),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the version, or to the list."""
        if "policy_id" in key:
            return reverse("catalog:price_policy", args=[key["policy_id"]])
        return reverse("catalog:price_policies")
