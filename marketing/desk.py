"""What marketing puts on the desk: the dashboard with its tiles, the daily sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.selectors import stock
from marketing.ports import Asked, Tile, tile
from marketing.selectors import board, sheet
from ops.engines.approvals import selectors as approvals
from ops.engines.desk.formats import pct, short
from ops.engines.desk.screens import (
    Card,
    CardCount,
    CardData,
    CardLine,
    Command,
    NavEntry,
    Place,
    card,
    command,
    nav,
    word_actions,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import SIGNED_IN, may

_VIEW = may("marketing", "V")
LEADERS: Sequence[str] = (
    Role.EXECUTIVE,
    Role.OPERATIONS_DIRECTOR,
    Role.OPERATIONS_MANAGER,
    Role.OPERATIONS_SUPERVISOR,
    Role.DATA_ANALYST,
)

nav(
    NavEntry(
        key="dashboard",
        title=_("Dashboard"),
        url_name="marketing:dashboard",
        policy=_VIEW,
        roles=LEADERS,
        order=8,
        icon="chart",
        group=_("Marketing"),
    )
)
command(
    Command(key="dashboard", title=_("Dashboard"), url_name="marketing:dashboard", policy=_VIEW)
)
word_actions({"marketing.sheet_confirmed": _("Daily sheet confirmed")})


def stock_value(asked: Asked) -> CardCount | None:
    """Return the value of the stock in the actor's warehouses, as it is now."""
    value = stock.counters(actor=asked.actor).aggregate(value=Sum("value"))["value"]
    if value is None:
        return None
    return CardCount(
        title=_("Stock value"),
        value=short(value),
        unit=gettext("CNY"),
        note=gettext("as of now"),
        href=f"{reverse('desk:report', args=['stock_in_out_onhand'])}?period={asked.month}",
    )


def open_approvals(asked: Asked) -> CardCount:
    """Return how many requests wait for the reader."""
    count = approvals.waiting_count(actor=asked.actor, at=asked.at)
    return CardCount(
        title=_("Waiting approvals"),
        value=str(count),
        note=gettext("for me to decide"),
        href=reverse("desk:approvals"),
    )


tile(
    Tile(
        key="stock-value",
        title=_("Stock value"),
        query=stock_value,
        policy=may("inventory", "V"),
        order=50,
    )
)
tile(
    Tile(
        key="approvals",
        title=_("Waiting approvals"),
        query=open_approvals,
        policy=SIGNED_IN,
        order=60,
    )
)


def sheet_card(actor: Actor, at: datetime) -> CardData:
    """Return yesterday by channel, what left its usual range first."""
    day = business_day(at) - timedelta(days=1)
    rows = sheet.sheet(day=day, channels=board.my_channels(actor))
    rows.sort(key=lambda row: (not row.is_flagged, -row.day.gmv))
    href = reverse("marketing:day", args=[day.isoformat()])
    return CardData(
        lines=[
            CardLine(
                title=row.name,
                detail=gettext("outside its usual range") if row.is_flagged else "",
                figure=f"{short(row.day.gmv)} {row.currency}  {pct(row.change)}",
                href=href,
            )
            for row in rows[:6]
        ],
        cutoff=day.isoformat(),
        href=href if rows else "",
    )


# Supervisors see the cases of figures out of range instead, and have the dashboard beside them.
card(
    Card(
        key="daily-sales",
        title=_("Yesterday's sales"),
        query=sheet_card,
        policy=_VIEW,
        roles=(
            Role.OPERATIONS_MANAGER,
            Role.OPERATIONS_SPECIALIST,
            Role.DATA_ANALYST,
        ),
        place=Place.WORK,
        order=40,
    )
)
