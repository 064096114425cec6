"""Views people keep of a list: a name for a query string, nothing hidden behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from ops.engines.desk.models import SavedView
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import NotFound, RuleViolation

MOST: Final = 20
# What belongs to one moment, not to a view.
PASSING: Final = frozenset(("after", "before", "part", "sel", "export", "view"))


@dataclass(frozen=True, slots=True)
class ViewInfo:
    """One saved view: where it opens, whether it is the one shown, whether it was changed."""

    id: int
    name: str
    query: str
    is_current: bool
    is_changed: bool


def query_of(query: QueryDict) -> str:
    """Return the part of an address that a view keeps, always written the same way."""
    pairs = [(key, value) for key, values in query.lists() for value in values]
    kept = [(key, value) for key, value in pairs if key not in PASSING and value]
    # Columns keep their order, which means something; everything else is sorted.
    columns = [pair for pair in kept if pair[0] == "c"]
    return urlencode([*sorted(pair for pair in kept if pair[0] != "c"), *columns])


def views(*, screen: str, query: QueryDict, actor: Actor) -> Sequence[ViewInfo]:
    """Return this person's views of one list. One query."""
    chosen, now = query.get("view", ""), query_of(query)
    found = SavedView.objects.filter(user_id=actor.user_id or 0, screen=screen[:200])
    return [
        ViewInfo(
            id=row.pk,
            name=row.name,
            query=row.query,
            is_current=str(row.pk) == chosen,
            is_changed=str(row.pk) == chosen and row.query != now,
        )
        for row in found.order_by("pk")
    ]


def save(*, screen: str, name: str, query: QueryDict, actor: Actor) -> int:
    """Keep a view under a name, over the one that has it, and return its id.

    Raises BadInput for a name that is no text, RuleViolation past twenty views.
    """
    name = parse.text(name.strip(), most=40, least=1)
    mine = SavedView.objects.filter(user_id=actor.user_id or 0, screen=screen[:200])
    with transaction.atomic():
        if mine.exclude(name=name).count() >= MOST:
            raise RuleViolation(
                "desk.too_many_views", _("At most %(most)s views a list.") % {"most": MOST}
            )
        row, _made = SavedView.objects.update_or_create(
            user_id=actor.user_id or 0,
            screen=screen[:200],
            name=name,
            defaults={"query": query_of(query)[:2000]},
        )
    return row.pk


def drop(*, view_id: str, actor: Actor) -> None:
    """Forget one of this person's views; raises NotFound."""
    number = int(view_id) if view_id.isascii() and view_id.isdigit() else 0
    with transaction.atomic():
        gone, _each = SavedView.objects.filter(pk=number, user_id=actor.user_id or 0).delete()
    if not gone:
        raise NotFound("desk.view_missing", _("There is no such view."))
