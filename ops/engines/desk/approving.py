"""Approval requests as the desk and the inbox show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ops.engines.approvals.types import InboxItem
from ops.engines.desk import formats
from ops.engines.desk.declarations import CardData, CardLine

Text = str | Promise
ON_DESK: Final = 9
_titles: dict[str, tuple[Text, str]] = {}


def word_figures(titles: Mapping[str, tuple[Text, str]]) -> None:
    """Say how figures of requests read: {"margin_after": (_("Margin after"), "pct")}.

    Kinds as in columns. A figure nobody named shows its own key.
    """
    _titles.update(titles)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a request as shown."""

    title: Text
    text: str
    is_number: bool


def figures(found: Mapping[str, Any], *, most: int = 100) -> list[Figure]:
    """Return the plain figures of a request in words, in the order they were given."""
    plain = [(key, value) for key, value in found.items() if not isinstance(value, list | dict)]
    return [_figure(key, value) for key, value in plain[:most]]


def tables(found: Mapping[str, Any]) -> list[tuple[Text, list[Text], list[list[str]]]]:
    """Return the lists of mappings in a request as tables: title, heads, rows."""
    result = []
    for key, value in found.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            heads = list(value[0])
            titles: list[Text] = [_titles.get(head, (head, ""))[0] for head in heads]
            rows = [[_figure(head, row.get(head)).text for head in heads] for row in value]
            result.append((_titles.get(key, (key, ""))[0], titles, rows))
    return result


def one_line(found: Mapping[str, Any]) -> str:
    """Return the first few figures in one line."""
    mark = _(", ")
    return mark.join(f"{each.title} {each.text}" for each in figures(found, most=4))


def card_of(waiting: Sequence[InboxItem]) -> CardData:
    """Return the card "to decide"."""
    lines = [
        CardLine(
            title=item.title,
            number=item.number,
            href=reverse("desk:approval", args=[item.id]),
            detail=_("%(flow)s, asked by %(name)s")
            % {"flow": item.flow_title, "name": item.requester_name},
            figure=one_line(item.figures),
            due_at=item.due_at,
        )
        for item in waiting[:ON_DESK]
    ]
    return CardData(lines=lines, total=len(waiting), href=reverse("desk:approvals"))


def _figure(key: str, value: Any) -> Figure:
    title, kind = _titles.get(key, (key, ""))
    text = "" if value is None else str(value)
    match kind:
        case "money":
            text = formats.money(value)
        case "number":
            text = formats.number(value)
        case "pct":
            text = formats.pct(value)
        case _ if isinstance(value, bool):
            text = _("Yes") if value else _("No")
        case _ if isinstance(value, int):
            text = formats.number(value)
    return Figure(title, text or formats.MISSING, kind in ("money", "number", "pct"))
