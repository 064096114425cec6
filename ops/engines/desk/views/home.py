"""The work desk: what waits for me, by role; never a list of models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from ops.engines.desk import approving
from ops.engines.desk.base import Screen
from ops.engines.desk.declarations import Card, CardData, Look, Place, registry
from ops.engines.desk.shell import own_requests, waiting_requests
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import SIGNED_IN

_WIDE = frozenset((Place.DECIDE, Place.TODAY, Place.SCAN))


@dataclass(frozen=True, slots=True)
class Shown:
    """One card with its data as it stands on the page."""

    card: Card
    data: CardData
    is_wide: bool


class Home(Screen):
    """`/`: the desk of the signed-in role."""

    policy = SIGNED_IN
    title = _("Desk")
    nav = "desk"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the cards of this role, most urgent first."""
        shown = self._cards(request)
        late = sum(
            1
            for each in shown
            for line in each.data.lines
            if line.due_at is not None and line.due_at < self.at
        )
        context = {
            "screen": self,
            "title": self.title,
            "cards": shown,
            "late": late,
            "at": self.at,
            "is_reader": self.actor.holds(Role.AUDITOR),
        }
        return render(request, "desk/home.html", context)

    def _cards(self, request: HttpRequest) -> list[Shown]:
        found: list[Shown] = []
        places = list(Place)
        wanted = [card for card in registry.cards.values() if card.is_for(self.actor)]
        asked = self._requests(request, {card.key for card in wanted})
        for card in sorted(wanted, key=lambda c: (places.index(c.place), c.order, c.key)):
            data = asked.get(card.key) or card.query(self.actor, self.at)
            if not data.is_blank:
                found.append(Shown(card, data, card.place in _WIDE or card.look == Look.FIGURES))
        return _paired(found)

    def _requests(self, request: HttpRequest, keys: set[str]) -> dict[str, CardData]:
        """Return the cards of approvals, asked in one query that the frame uses again."""
        found = {}
        if "my-requests" in keys:
            found["my-requests"] = approving.own_card(own_requests(request))
        if "approvals" in keys:
            found["approvals"] = approving.card_of(waiting_requests(request), actor=self.actor)
        return found


def _paired(cards: Sequence[Shown]) -> list[Shown]:
    """Widen a half-width card that would stand alone in its row."""
    result: list[Shown] = []
    index = 0
    while index < len(cards):
        each = cards[index]
        alone = not each.is_wide and (index + 1 == len(cards) or cards[index + 1].is_wide)
        if each.is_wide or alone:
            result.append(Shown(each.card, each.data, is_wide=True))
            index += 1
        else:
            result += [each, cards[index + 1]]
            index += 2
    return result
