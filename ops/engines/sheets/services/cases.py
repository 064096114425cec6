"""Cases: put right by one person with cause and remedy, looked at and closed by another."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ops.engines.audit import services as audit
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices
from ops.engines.sheets import selectors
from ops.engines.sheets.choices import CaseState
from ops.engines.sheets.errors import CaseSettled, NotYourTurn, ReasonMissing, SamePerson
from ops.engines.sheets.models import Case
from ops.engines.sheets.services import opening, signing
from ops.engines.sheets.services.locking import lock_case
from ops.engines.sheets.templates import template_named
from ops.engines.sheets.types import CaseInfo

_REMEDIED = gettext_noop("%(case)s was put right and is to be looked at")


def remedy_case(*, case_id: int, cause: str, remedy: str, actor: Actor, at: datetime) -> CaseInfo:
    """Say why it happened and what was done; the owner then looks at it.

    For those who fill the sheet in and for the owner. Raises SheetMissing, CaseSettled,
    NotYourTurn, ReasonMissing.
    """
    why, done = _words(cause, "cause"), _words(remedy, "remedy")
    with transaction.atomic():
        sheet, case = lock_case(case_id, actor)
        template = template_named(sheet.template.key)
        fills = template.fill.allows(actor)
        if actor.person_id is None or not (fills or actor.holds(case.owner_role)):
            raise _not_yours()
        if case.state != CaseState.OPEN:
            raise CaseSettled
        case.state, case.cause, case.remedy = CaseState.REMEDIED, why, done
        case.remedied_by_id, case.remedied_at = actor.person_id, at
        case.save(update_fields=["state", "cause", "remedy", "remedied_by", "remedied_at"])
        opening.tell(
            template,
            sheet,
            case.owner_role,
            _REMEDIED,
            actor=actor,
            at=at,
            link=f"/sheets/cases/{case.pk}/",
            subject=f"{selectors.CASE}:{case.pk}",
            case=case.number,
        )
        _record("sheets.case_remedied", case, actor=actor, at=at, cause=why, remedy=done)
        return selectors.case_info(case)


def close_case(*, case_id: int, note: str, actor: Actor, at: datetime) -> CaseInfo:
    """Close a case that was put right by another person, with a closing note.

    The last case of a signed sheet closes the sheet. Raises SheetMissing, CaseSettled,
    NotYourTurn, SamePerson, ReasonMissing.
    """
    words = _words(note, "note")
    with transaction.atomic():
        sheet, case = lock_case(case_id, actor)
        template = template_named(sheet.template.key)
        if actor.person_id is None or not actor.holds(case.owner_role, *template.watchers):
            raise _not_yours()
        if case.state != CaseState.REMEDIED:
            raise CaseSettled
        if case.remedied_by_id == actor.person_id:
            raise SamePerson(
                "sheets.case_same_person", _("You put this right; another person closes it.")
            )
        case.state, case.closing_note = CaseState.CLOSED, words
        case.closed_by_id, case.closed_at = actor.person_id, at
        case.save(update_fields=["state", "closing_note", "closed_by", "closed_at"])
        signing.close_when_settled(sheet, at=at)
        notices.settle(subject=f"{selectors.CASE}:{case.pk}", at=at)
        _record("sheets.case_closed", case, actor=actor, at=at, note=words)
        return selectors.case_info(case)


def _words(text: str, field: str) -> str:
    read = parse.text(text, most=500, lines=True).strip()
    if not read:
        raise ReasonMissing(field=field)
    return read


def _not_yours() -> NotYourTurn:
    return NotYourTurn("sheets.case_not_yours", _("Another position works on this case."))


def _record(action: str, case: Case, *, actor: Actor, at: datetime, **body: str) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=(selectors.CASE, case.pk),
        body={"number": case.number, "sheet": case.sheet_id, "item": case.item, **body},
    )
