"""Approval requests as the desk and the inbox show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.types import HistoryItem, InboxItem
from ops.engines.desk import formats
from ops.engines.desk.cells import Column, Lines
from ops.engines.desk.declarations import CardData, CardLine
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import known_to

Text = str | Promise
ON_DESK: Final = 9
OWN_ON_DESK: Final = 5
_titles: dict[str, tuple[Text, str]] = {}


def word_figures(titles: Mapping[str, tuple[Text, str]]) -> None:
    """Say how figures of requests read: {"margin_after": (_("Margin after"), "pct")}.

    Kinds as in columns, "moment" for a stored moment, "hidden" for what people read elsewhere. A
    figure nobody named shows its own key.
    """
    _titles.update(titles)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a request as shown."""

    title: Text
    text: str
    is_number: bool


def figures(
    found: Mapping[str, Any], *, actor: Actor | None = None, most: int = 100
) -> list[Figure]:
    """Return the plain figures of a request in words, in the order the words were given.

    With an actor, without those they may not read; without one, all: for a document or an answer to
    somebody who reads everything.
    """
    found = found if actor is None else known_to(found, actor)
    plain = [
        key
        for key in _ordered(found)
        if not isinstance(found[key], list | dict) and _words(key)[1] != "hidden"
    ]
    return [_figure(key, found[key]) for key in plain[:most]]


def tables(found: Mapping[str, Any]) -> list[Lines]:
    """Return the lists of mappings in a request as tables, columns in the order of their words."""
    return [
        Lines(_words(key)[0], [_column(head) for head in _ordered(value[0])], value)
        for key, value in found.items()
        if isinstance(value, list) and value and isinstance(value[0], dict)
    ]


def one_line(found: Mapping[str, Any], *, actor: Actor) -> str:
    """Return the first few figures in one line."""
    mark = _(", ")
    return mark.join(f"{each.title} {each.text}" for each in figures(found, actor=actor, most=4))


def card_of(waiting: Sequence[InboxItem], *, actor: Actor) -> CardData:
    """Return the card "to decide"."""
    lines = [
        CardLine(
            title=item.title,
            number=item.number,
            href=reverse("desk:approval", args=[item.id]),
            detail=_("%(flow)s, asked by %(name)s")
            % {"flow": item.flow_title, "name": item.requester_name},
            figure=one_line(item.figures, actor=actor),
            due_at=item.due_at,
        )
        for item in waiting[:ON_DESK]
    ]
    return CardData(lines=lines, total=len(waiting), href=reverse("desk:approvals"))


def own_card(mine: Sequence[HistoryItem]) -> CardData:
    """Return the card "on the way"."""
    return CardData(
        lines=[
            CardLine(
                title=item.title,
                number=item.number,
                detail=item.flow_title,
                href=reverse("desk:approval", args=[item.id]),
                state=RequestState(item.state),
            )
            for item in mine[:OWN_ON_DESK]
        ],
        total=len(mine),
        href=f"{reverse('desk:approvals')}?tab=mine" if mine else "",
    )


def _ordered(found: Mapping[str, Any]) -> list[str]:
    # Stored requests keep their keys in alphabetical order; people want the order of meaning.
    places = {key: place for place, key in enumerate(_titles)}
    return sorted(found, key=lambda key: places.get(key, len(places)))


def _words(key: str) -> tuple[Text, str]:
    return _titles.get(key, (key, ""))


def _column(key: str) -> Column:
    title, kind = _words(key)
    return Column(key, title, kind or "text", value=lambda row: row.get(key))


def _figure(key: str, value: Any) -> Figure:
    title, kind = _words(key)
    text = "" if value is None else str(value)
    match kind:
        case "money":
            text = formats.money(value)
        case "number":
            text = formats.number(value)
        case "pct":
            text = formats.pct(value)
        case "moment" if value:
            text = formats.moment(dt.datetime.fromisoformat(str(value)))
        case _ if isinstance(value, bool):
            text = _("Yes") if value else _("No")
        case _ if isinstance(value, int):
            text = formats.number(value)
    return Figure(title, text or formats.MISSING, kind in ("money", "number", "pct"))
