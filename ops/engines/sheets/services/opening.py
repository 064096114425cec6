"""Opening sheets: by the clock for every place at once, or one by hand."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Conflict
from ops.engines.kernel.parse import business_day
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind
from ops.engines.numbering import services as numbering
from ops.engines.sheets import drawing, selectors
from ops.engines.sheets.choices import SheetState
from ops.engines.sheets.errors import SheetMissing
from ops.engines.sheets.models import Draw, Sheet
from ops.engines.sheets.services import versions
from ops.engines.sheets.templates import Template, template_named
from ops.engines.sheets.types import SheetInfo

SERIES = "SH"
_OPENED = gettext_noop("%(number)s is to be filled in")


def open_sheets(
    *, template: str, period: str, first: date, last: date, actor: Actor, at: datetime
) -> list[SheetInfo]:
    """Open the sheets of a period in every place that has none yet; return the new ones.

    Opening twice opens once. A declared sample is drawn now. The people who fill them in are told.
    """
    declared = template_named(template)
    places: Iterable[int | None] = [None] if declared.scopes is None else declared.scopes()
    with transaction.atomic():
        return _open(declared, list(places), period, (first, last), actor=actor, at=at)


def open_one(
    *,
    template: str,
    period: str,
    first: date,
    last: date,
    actor: Actor,
    at: datetime,
    scope_id: int | None = None,
) -> SheetInfo:
    """Open one sheet by hand.

    Raises Forbidden, SheetMissing for a place that is not the actor's, Conflict when the place has
    a sheet of the period.
    """
    declared = template_named(template)
    declared.fill.require(actor)
    known = declared.scopes is None or scope_id in set(declared.scopes())
    if not known or not selectors.may_touch(declared, scope_id, actor, "C"):
        raise SheetMissing
    with transaction.atomic():
        made = _open(declared, [scope_id], period, (first, last), actor=actor, at=at)
        if not made:
            raise Conflict(
                "sheets.open_already",
                _("There is a sheet for %(period)s already.") % {"period": period},
            )
        return made[0]


def _open(
    declared: Template,
    places: Sequence[int | None],
    period: str,
    days: tuple[date, date],
    *,
    actor: Actor,
    at: datetime,
) -> list[SheetInfo]:
    row = versions.lock_template(declared.key)
    held = set(
        row.sheets.filter(period=period)
        .exclude(state=SheetState.VOID)
        .values_list("scope_id", flat=True)
    )
    wanted = [place for place in places if place not in held]
    if not wanted:
        return []
    version = versions.current_version(declared, row, at=at)
    numbers = numbering.take(SERIES, at=at, count=len(wanted))
    made = Sheet.objects.bulk_create(
        Sheet(
            number=number,
            template=row,
            version=version,
            scope_kind=declared.scope if place is not None else "",
            scope_id=place,
            period=period,
            signers=list(declared.signers),
            items_total=len(version.items),
            opened_at=at,
            due_at=declared.due(*days, business_day(at)),
        )
        for number, place in zip(numbers, wanted, strict=True)
    )
    draws = _draw(declared, made, days, at=at)
    audit.record(
        actor=actor,
        at=at,
        action="sheets.opened",
        obj=(versions.SUBJECT, row.pk),
        body={
            "template": declared.key,
            "period": period,
            "version": version.number,
            "sheets": [[each.pk, each.number, each.scope_id] for each in made],
            "draws": [[each.sheet_id, each.seed, each.population_hash] for each in draws],
        },
    )
    for each in made:
        tell_fillers(declared, each, actor=actor, at=at)
    return [selectors.info(each) for each in made]


def _draw(
    declared: Template, made: Sequence[Sheet], days: tuple[date, date], *, at: datetime
) -> list[Draw]:
    if declared.sampling is None:
        return []
    drawn = []
    for row in made:
        ids = list(declared.sampling.population(row.scope_id, *days, at))
        seed = secrets.token_hex(16)
        chosen = drawing.draw(ids, seed=seed, size=declared.sampling.size)
        drawn.append(
            Draw(
                sheet=row,
                seed=seed,
                population=len(ids),
                population_hash=drawing.population_hash(ids),
                population_at=at,
                first_day=days[0],
                last_day=days[1],
                size=len(chosen),
                chosen=chosen,
            )
        )
    return Draw.objects.bulk_create(drawn)


def tell_fillers(declared: Template, row: Sheet, *, actor: Actor, at: datetime) -> None:
    """Put a sheet into the inboxes of those who fill it in."""
    for role in declared.fillers:
        tell(declared, row, role, _OPENED, actor=actor, at=at)


def tell(
    declared: Template,
    row: Sheet,
    role: str,
    title: str,
    *,
    actor: Actor,
    at: datetime,
    link: str = "",
    subject: str = "",
    **params: Any,
) -> None:
    """Ask the holders of a position, within the sheet's place, to act on a sheet."""
    notices.notify(
        kind=NoticeKind.ACT,
        title=title,
        params={"number": row.number, **params},
        link=link or f"/sheets/{row.pk}/",
        subject=subject or f"{selectors.SUBJECT}:{row.pk}",
        role=role,
        area=declared.area,
        scope=(row.scope_kind, row.scope_id) if row.scope_id is not None else None,
        actor=actor,
        at=at,
    )
