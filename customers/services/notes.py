"""What people note about orders: appended, never changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from customers import errors
from customers.models import OrderNote
from customers.services import steps
from customers.types import StepReport
from ops.engines.kernel.actor import Actor

LONGEST = 400


def add_note(*, order_ids: Collection[int], text: str, actor: Actor, at: dt.datetime) -> StepReport:
    """Note something about orders, in whatever state they are; raises OrderRefused for no words."""
    words = text.strip()
    if not 1 <= len(words) <= LONGEST:
        raise errors.OrderRefused(
            "customers.note_length",
            _("A note has 1 to %(most)s characters.") % {"most": LONGEST},
            field="text",
        )
    with transaction.atomic():
        found = steps.lock(order_ids, actor=actor, right="C")
        OrderNote.objects.bulk_create(
            OrderNote(order=order, text=words, at=at, person_id=actor.person_id) for order in found
        )
        steps.record(found, "noted", actor=actor, at=at, body={"note": words})
    return StepReport(tuple(order.pk for order in found), tuple(steps.absent(order_ids, found)))
