"""Locks of sheets, taken before anything is looked at: the sheet first, then its cases."""

from __future__ import annotations

from ops.engines.kernel.actor import Actor
from ops.engines.sheets import selectors
from ops.engines.sheets.errors import SheetMissing
from ops.engines.sheets.models import Case, Sheet


def lock_sheet(sheet_id: int, actor: Actor) -> Sheet:
    """Return a sheet of the actor's, locked; raises SheetMissing."""
    found = (
        selectors.sheets(actor=actor)
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=sheet_id)
        .first()
    )
    if found is None:
        raise SheetMissing
    return found


def lock_case(case_id: int, actor: Actor) -> tuple[Sheet, Case]:
    """Return a case of the actor's and its sheet, both locked; raises SheetMissing."""
    sheet_id = selectors.case(case_id=case_id, actor=actor).sheet_id
    sheet = lock_sheet(sheet_id, actor)
    return sheet, Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case_id)
