"""What the stock that channels show puts on the desk (CAT-4.3-10)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalog.choices.shown_stock import SyncKind
from ops.engines.desk.screens import NavEntry, Tone, nav, register_states, word_actions
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import may

nav(
    NavEntry(
        key="shown_stock", title=_("Stock shown"), url_name="catalog:shown_stock",
        policy=may("catalog", "V"), roles=(Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR),
        order=48, icon="box", group=_("Goods and prices"),
    )
)  # fmt: skip
register_states({SyncKind.CHANGED: Tone.NEUTRAL, SyncKind.DIFFERED: Tone.STOPPED})
word_actions(
    {
        "catalog.buffer_set": _("set a buffer"),
        "catalog.stock_told": _("told a channel its stock"),
        "catalog.channel_stock_seen": _("took over the stock a channel shows"),
    }
)
