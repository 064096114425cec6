"""Orders whose time is up, told to those who handle them (SCM-2.4-04)."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count
from django.utils.translation import gettext_noop

from customers.selectors import book
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices

_LATE = gettext_noop("%(count)s orders of channel %(channel)s should have shipped by now.")


def tell_late(*, actor: Actor, at: dt.datetime) -> dict[str, int]:
    """Tell the specialists of each channel how many orders are overdue; return it by channel.

    The notice of the hour before is settled first: nobody has two about the same channel.
    """
    rows = (
        book.late(book.orders(actor=actor), at=at)
        .order_by()
        .values_list("channel_id", "channel__code")
        .annotate(orders=Count("id"))
    )
    late = {}
    for channel_id, code, count in rows:
        subject = f"customers.late:{channel_id}"
        notices.settle(subject=subject, at=at)
        notices.notify(
            kind="act",
            title=_LATE,
            params={"count": count, "channel": code},
            role=Role.OPERATIONS_SPECIALIST,
            area="customers",
            scope=("channel", channel_id),
            link="/orders/?tab=late",
            subject=subject,
            actor=actor,
            at=at,
        )
        late[code] = count
    return late
