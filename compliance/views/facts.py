"""The trail as the auditor reads it: every fact, newest first, and one fact whole."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.selectors import trail
from ops.engines.audit import selectors as seals
from ops.engines.audit.models import Anchor
from ops.engines.audit.models import Fact as AuditFact
from ops.engines.desk.histories import word_of
from ops.engines.desk.screens import (
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
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import NotFound
from ops.engines.kernel.policy import may

_TRAIL = may("compliance", "V", Role.AUDITOR, Role.COMPLIANCE_OFFICER)


def _object_of(fact: AuditFact) -> str:
    return f"{fact.object_type}:{fact.object_id}" if fact.object_type else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _seal(sealed: tuple[int, Anchor] | None) -> Fact:
    if sealed is None:
        return Fact(title=_("Sealed by"), value=gettext("not sealed yet"))
    place, anchor = sealed
    return Fact(
        title=_("Sealed by"),
        value=gettext("anchor %(number)s, place %(place)s")
        % {"number": f"#{anchor.pk}", "place": place + 1},
        href=reverse("compliance:anchor", args=[anchor.pk]),
    )


class FactList(ListScreen):
    """`/audit/facts/`: everything that was done, newest first, for the auditor."""

    policy = _TRAIL
    title = _("Audit trail")
    nav = "trail"
    columns = (
        Column("id", _("Fact"), "code", value=lambda row: f"#{row.pk:06}", name=True, sort=True),
        Column("at", _("When"), "moment"),
        Column("actor_name", _("Who"), "code"),  # machines have names too
        Column("action", _("What"), value=lambda row: word_of(row.action)),
        Column("object", _("Object"), "code", value=_object_of),
        Column("action_code", _("Code"), "code", value=lambda row: row.action, optional=True),
    )
    filters = (
        Filter("action", _("Action code"), "text"),
        Filter("who", _("Who"), "text"),
        Filter("object", _("Object (type:number)"), "text"),
        Filter("day", _("Day"), "span"),
    )
    order = "-id"
    export_policy = may("compliance", "E", Role.AUDITOR)
    empty = _("No fact matches.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of facts."""
        span = query.get("day")
        found = trail.facts(
            action=query.get("action") or "",
            person=query.get("who") or "",
            object_key=query.get("object") or "",
            span=(span.first, span.last) if span else None,
        )
        return query.page(found, orders={"id": "id"})

    def row_href(self, row: AuditFact) -> str:
        """Open the fact."""
        return reverse("compliance:fact", args=[row.pk])


class FactScreen(RecordScreen):
    """`/audit/facts/<id>/`: one fact with its whole content and its leaf hash."""

    policy = _TRAIL
    nav = "trail"
    list_url_name = "compliance:facts"
    list_title = _("Audit trail")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the fact; raises NotFound."""
        found = AuditFact.objects.filter(pk=key["fact_id"]).first()
        if found is None:
            raise NotFound("compliance.fact_missing", gettext("There is no such fact."))
        body = json.loads(found.body)
        sealed = seals.anchor_over(fact_id=found.pk)
        return Record(
            number=str(found.pk),
            title=word_of(found.action),
            facts=[
                FactGroup(
                    title=_("Fact"),
                    facts=[
                        Fact(title=_("When"), value=found.at, kind="moment"),
                        Fact(title=_("Recorded at"), value=found.recorded_at, kind="moment"),
                        Fact(title=_("Who"), value=found.actor_name),
                        Fact(title=_("Object"), value=_object_of(found)),
                        Fact(title=_("Code"), value=found.action, kind="code"),
                        Fact(title=_("Request id"), value=found.request_id, kind="code"),
                        Fact(
                            title=_("Leaf hash"),
                            value=bytes(found.leaf).hex(),
                            kind="code",
                            is_wide=True,
                        ),
                        _seal(sealed),
                    ],
                )
            ],
            lines=[
                Lines(
                    _("Content"),
                    (Column("key", _("Field"), "code"), Column("value", _("Value"), "code")),
                    [{"key": name, "value": _text(value)} for name, value in body.items()],
                    empty=_("This fact carries no content."),
                )
            ],
        )
