"""Which goods come in with lot and expiry date only: said by category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from inventory.selectors import lots as selected
from inventory.services import lots
from inventory.views.stock import EXPORT, VIEW
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Field,
    FormScreen,
    Group,
    ListPage,
    ListQuery,
    ListScreen,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

SET = may("inventory", "C", Role.WAREHOUSE_KEEPER)


class ShelfLifeList(ListScreen):
    """`/inventory/shelf-lives/`: what categories demand; those below follow the nearest."""

    policy = VIEW
    title = _("Goods with an expiry date")
    nav = "shelf-lives"
    columns = (
        Column("category", _("Category"), value=lambda row: row.category.name, name=True),
        Column("code", _("Code"), "code", value=lambda row: row.category.path),
        Column("needs_expiry", _("Needs an expiry date"), "flag"),
        Column("set_at", _("Since"), "moment"),
    )
    order = "-id"
    export_policy = EXPORT
    empty = _("No category says anything yet: goods come in without an expiry date.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of categories."""
        del actor
        return query.page(selected.shelf_lives(), orders={"id": "id"})

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Offer to say it of a category."""
        del actor
        href = reverse("inventory:shelf-life-new")
        return [Action(key="new", label=_("Set a category"), href=href, policy=SET)]


class ShelfLifeForm(FormScreen):
    """`/inventory/shelf-lives/new/`: say it of one category, or take it back."""

    policy = SET
    title = _("Set a category")
    nav = "shelf-lives"
    groups = (
        Group(
            _("Category"),
            (
                Field("category", _("Code of the category"), "code", most=40),
                Field("needs_expiry", _("Needs an expiry date"), "flag"),
            ),
        ),
    )

    def submit(self, *, values: Mapping[str, Any], actor: Actor, at: datetime, **key: Any) -> Done:
        """Set it."""
        lots.set_shelf_life(**values, actor=actor, at=at)
        return Done(
            message=now("%(code)s is saved.") % {"code": values["category"]},
            href=reverse("inventory:shelf-lives"),
        )

    def back_url(self, **key: Any) -> str:
        """Lead to the list."""
        return reverse("inventory:shelf-lives")
