"""The seals as the auditor reads them: every anchor, and its copies outside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ops.engines.audit import selectors
from ops.engines.audit.models import Anchor
from ops.engines.desk.screens import (
    Action,
    Badge,
    Column,
    Fact,
    FactGroup,
    Filter,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Tone,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import NotFound
from ops.engines.kernel.policy import may

_TRAIL: Final = may("compliance", "V", Role.AUDITOR, Role.COMPLIANCE_OFFICER)
_SHORT: Final = 16


def _short(value: Any) -> str:
    return bytes(value).hex()[:_SHORT]


class AnchorList(ListScreen):
    """`/audit/anchors/`: every seal over the trail, newest first, and how the copies stand."""

    policy = _TRAIL
    title = _("Seals")
    nav = "seals"
    lead = _("Every minute the new facts are sealed and the anchor is copied outside.")
    row_url = "compliance:anchor"
    columns = (
        Column("id", _("Anchor"), "code", value=lambda row: f"#{row.pk:06}", name=True, sort=True),
        Column("sealed_at", _("Sealed at"), "moment"),
        Column("added", _("New facts"), "number", value=lambda row: row.tree_size - row.first_leaf),
        Column("tree_size", _("Facts in all"), "number"),
        Column("root", _("Root"), "code", value=lambda row: _short(row.root)),
        Column("key_id", _("Signing key"), "code", optional=True),
    )
    filters = (Filter("day", _("Day"), "span"),)
    order = "-id"
    empty = _("Nothing is sealed yet. The worker seals every minute.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of anchors."""
        span = query.get("day")
        found = selectors.anchors_of(span.first, span.last) if span else selectors.anchors()
        return query.page(found, orders={"id": "id"})

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to the bundles."""
        return [
            Action(
                key="check",
                label=_("Check a bundle"),
                href=reverse("compliance:bundle-check"),
            ),
            Action(key="bundles", label=_("Bundles"), href=reverse("compliance:bundles")),
        ]


class AnchorScreen(RecordScreen):
    """`/audit/anchors/<number>/`: one anchor as it was signed, and its copies outside."""

    policy = _TRAIL
    nav = "seals"
    list_url_name = "compliance:anchors"
    list_title = _("Seals")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the anchor; raises NotFound."""
        found = Anchor.objects.filter(pk=key["number"]).first()
        if found is None:
            raise NotFound("compliance.anchor_missing", gettext("There is no such anchor."))
        return Record(
            number=f"#{found.pk}",
            title=gettext("Anchor"),
            facts=[
                FactGroup(
                    title=_("What is signed"),
                    facts=[
                        Fact(title=_("Sealed at"), value=found.sealed_at, kind="moment"),
                        Fact(
                            title=_("New facts"),
                            value=found.tree_size - found.first_leaf,
                            kind="number",
                        ),
                        Fact(title=_("Facts in all"), value=found.tree_size, kind="number"),
                        Fact(title=_("Signing key"), value=found.key_id, kind="code"),
                        _wide(_("Root"), found.root),
                        _wide(_("Hash of the anchor before"), found.previous),
                        _wide(_("Signature"), found.signature),
                    ],
                )
            ],
            lines=[
                Lines(
                    _("Copies outside the database"),
                    (
                        Column("place", _("Kept at"), "code"),
                        Column("number", _("Newest anchor there"), "number"),
                        Column("state", _("State"), "badge"),
                    ),
                    [
                        {"place": place, "number": reached, "state": _copied(reached, found.pk)}
                        for place, reached in selectors.standing().copies
                    ],
                )
            ],
        )


def _wide(title: Any, value: Any) -> Fact:
    return Fact(title=title, value=bytes(value).hex(), kind="code", is_wide=True)


def _copied(reached: int, wanted: int) -> Badge:
    if reached >= wanted:
        return Badge(gettext("copied"), Tone.DONE)
    return Badge(gettext("not copied"), Tone.STOPPED)
