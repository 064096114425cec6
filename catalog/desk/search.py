"""What the search puts on the desk: its words in the menu, its facts in words."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.choices.search import MissDecision
from catalog.selectors import search
from ops.engines.desk.screens import (
    Card,
    CardData,
    CardLine,
    NavEntry,
    Place,
    Tone,
    card,
    nav,
    register_states,
    word_actions,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")

nav(
    NavEntry(
        key="search_misses", title=_("Searches without result"),
        url_name="catalog:search_misses", policy=_VIEW, roles=(Role.EDITOR,), order=46,
        icon="search", group=_("Goods and prices"),
    )
)  # fmt: skip


def _undecided(actor: Actor, at: datetime) -> CardData:
    del actor, at
    rows = search.misses().filter(decision=MissDecision.OPEN).order_by("-times", "-pk")[:6]
    return CardData(
        lines=[
            CardLine(
                title=row.word,
                href=reverse("catalog:search_miss", args=[row.pk]),
                detail=_("%(times)s times") % {"times": row.times},
            )
            for row in rows
        ],
        href=f"{reverse('catalog:search_misses')}?decision=open",
    )


card(
    Card(
        key="search_misses", title=_("Searches without result"), query=_undecided, policy=_VIEW,
        roles=(Role.EDITOR,), place=Place.MINE,
    )
)  # fmt: skip

register_states(
    {
        MissDecision.OPEN: Tone.WAITING,
        MissDecision.SYNONYM: Tone.DONE,
        MissDecision.ASSORTMENT: Tone.RUNNING,
        MissDecision.DISMISSED: Tone.NEUTRAL,
    }
)

word_actions(
    {
        "catalog.synonyms_entered": _("entered synonyms"),
        "catalog.synonyms_retired": _("let synonyms be heard apart again"),
        "catalog.search_miss_decided": _("decided about the search without result"),
    }
)
