"""The analyst's word on the daily sheet."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from marketing.errors import SheetConfirmed, SheetTooEarly
from marketing.models import DaySheet
from marketing.selectors import board, sheet
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.kernel.parse import business_day


def confirm(*, day: dt.date, note: str = "", actor: Actor, at: dt.datetime) -> int:
    """Confirm the figures of a day as they are now, with a note where they mislead (MKT-5.4-05).

    Raises SheetTooEarly, SheetConfirmed, Forbidden for a machine.
    """
    if actor.person_id is None:
        raise Forbidden("marketing.person_needed", _("Only a person can confirm the sheet."))
    if day >= business_day(at):
        raise SheetTooEarly("marketing.sheet_too_early", _("A day is confirmed once it is over."))
    rows = sheet.sheet(day=day, channels=board.my_channels(actor))
    digest = sheet.digest(rows)
    try:
        with transaction.atomic():
            made = DaySheet.objects.create(
                day=day, person_id=actor.person_id, note=note.strip(), digest=digest, at=at
            )
            audit.record(
                actor=actor,
                at=at,
                action="marketing.sheet_confirmed",
                obj=("marketing.daysheet", made.pk),
                body={"day": day, "note": made.note, "figures_sha256": digest},
            )
    except IntegrityError as error:
        raise SheetConfirmed(
            "marketing.sheet_confirmed", _("The sheet of this day was confirmed before.")
        ) from error
    return made.pk
