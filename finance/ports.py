"""Where finance speaks up when others act."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from finance.errors import CloseBlocked
from ops.engines.events import selectors as events
from ops.engines.periods.ports import closing


def refuse_undelivered(module: str, first: dt.date, last: dt.date) -> None:
    """Keep a ledger month open while events dated in it have not been booked.

    Raises CloseBlocked.
    """
    if module != "ledger":
        return
    waiting = events.undelivered(until=last, handlers_prefix="finance.")
    if waiting:
        raise CloseBlocked(
            "finance.events_waiting",
            _("%(count)s events wait to be booked.") % {"count": waiting},
            items=["facts_delivered"],
        )


closing.fill(refuse_undelivered)
