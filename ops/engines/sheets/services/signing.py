"""Hands under a sheet: in order, by different persons, under exactly what they were shown."""

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
from ops.engines.sheets.choices import UNSETTLED, UNSIGNED, SheetState
from ops.engines.sheets.errors import (
    EntriesMoved,
    NotFilled,
    NotYourTurn,
    ReasonMissing,
    SamePerson,
    SheetSettled,
)
from ops.engines.sheets.models import Sheet, Signature
from ops.engines.sheets.services import opening
from ops.engines.sheets.services.locking import lock_sheet
from ops.engines.sheets.templates import template_named
from ops.engines.sheets.types import SheetInfo

_TO_SIGN = gettext_noop("%(number)s is to be signed")
_RETURNED = gettext_noop("%(number)s was sent back: %(reason)s")


def sign(*, sheet_id: int, content_hash: str, actor: Actor, at: datetime) -> SheetInfo:
    """Put the next hand under a sheet; the last one settles it.

    `content_hash` is that of the entries the signer saw. Raises SheetMissing, SheetSettled,
    NotYourTurn (another position signs now), SamePerson, NotFilled, EntriesMoved.
    """
    with transaction.atomic():
        sheet = lock_sheet(sheet_id, actor)
        given = list(sheet.signatures.filter(round=sheet.round).order_by("step"))
        role = _turn(sheet, given, actor)
        _require_filled(sheet)
        current = selectors.content_hash(sheet.pk)
        if content_hash != current:
            raise EntriesMoved
        Signature.objects.create(
            sheet=sheet,
            round=sheet.round,
            step=len(given),
            role=role,
            person_id=actor.person_id or 0,
            content_hash=current,
            session=actor.session,
            at=at,
        )
        notices.settle(subject=f"{selectors.SUBJECT}:{sheet.pk}", at=at)
        audit.record(
            actor=actor,
            at=at,
            action="sheets.signed",
            obj=(selectors.SUBJECT, sheet.pk),
            body={"step": len(given), "role": role, "content_hash": current},
        )
        if len(given) + 1 < len(sheet.signers):
            template = template_named(sheet.template.key)
            following = sheet.signers[len(given) + 1]
            opening.tell(template, sheet, following, _TO_SIGN, actor=actor, at=at)
        else:
            _settle(sheet, current, at=at)
        return selectors.info(sheet)


def send_back(*, sheet_id: int, reason: str, actor: Actor, at: datetime) -> SheetInfo:
    """Give a sheet back to be filled in again; hands given so far no longer count.

    For the position whose hand comes next. Raises SheetMissing, SheetSettled, NotYourTurn,
    ReasonMissing.
    """
    why = _reason(reason)
    with transaction.atomic():
        sheet = lock_sheet(sheet_id, actor)
        given = list(sheet.signatures.filter(round=sheet.round).order_by("step"))
        if not given:
            raise SheetSettled
        _turn(sheet, given, actor)
        sheet.round += 1
        sheet.returned_reason = why
        sheet.save(update_fields=["round", "returned_reason"])
        notices.settle(subject=f"{selectors.SUBJECT}:{sheet.pk}", at=at)
        template = template_named(sheet.template.key)
        for role in template.fillers:
            opening.tell(template, sheet, role, _RETURNED, actor=actor, at=at, reason=why)
        _record("sheets.sent_back", sheet, why, actor=actor, at=at)
        return selectors.info(sheet)


def void(*, sheet_id: int, reason: str, actor: Actor, at: datetime) -> SheetInfo:
    """Put a sheet that was opened by mistake out of use; its entries stay readable.

    For the template's owner. Raises SheetMissing, SheetSettled, NotYourTurn, ReasonMissing.
    """
    why = _reason(reason)
    with transaction.atomic():
        sheet = lock_sheet(sheet_id, actor)
        if not actor.holds(template_named(sheet.template.key).owner):
            raise NotYourTurn("sheets.not_owner", _("The owner of this kind of sheet does this."))
        is_signed = sheet.signatures.filter(round=sheet.round).exists()
        if sheet.state not in UNSIGNED or is_signed:
            raise SheetSettled
        sheet.state, sheet.void_reason = SheetState.VOID, why
        sheet.save(update_fields=["state", "void_reason"])
        notices.settle(subject=f"{selectors.SUBJECT}:{sheet.pk}", at=at)
        _record("sheets.voided", sheet, why, actor=actor, at=at)
        return selectors.info(sheet)


def close_when_settled(sheet: Sheet, *, at: datetime) -> None:
    """Close a signed, locked sheet once none of its cases is open."""
    if sheet.state == SheetState.SIGNED and not sheet.cases.filter(state__in=UNSETTLED).exists():
        sheet.state, sheet.closed_at = SheetState.CLOSED, at
        sheet.save(update_fields=["state", "closed_at"])


def why_not_sign(sheet: Sheet, actor: Actor) -> str:
    """Say why this actor may not sign now, empty when they may."""
    given = list(sheet.signatures.filter(round=sheet.round).order_by("step"))
    try:
        _turn(sheet, given, actor)
        _require_filled(sheet)
    except (NotYourTurn, SamePerson, SheetSettled, NotFilled) as refusal:
        return str(refusal)
    return ""


def _settle(sheet: Sheet, content_hash: str, *, at: datetime) -> None:
    sheet.state, sheet.signed_at, sheet.content_hash = SheetState.SIGNED, at, content_hash
    sheet.save(update_fields=["state", "signed_at", "content_hash"])
    close_when_settled(sheet, at=at)


def _turn(sheet: Sheet, given: list[Signature], actor: Actor) -> str:
    """Return the position whose hand comes next when it is this actor's."""
    if sheet.state not in UNSIGNED or len(given) >= len(sheet.signers):
        raise SheetSettled
    role = str(sheet.signers[len(given)])
    if actor.person_id is None or not actor.holds(role):
        raise NotYourTurn("sheets.not_signer", _("Another position signs now."), role=role)
    if actor.person_id in {each.person_id for each in given}:
        raise SamePerson(
            "sheets.same_person", _("You have signed this sheet; the next hand is another's.")
        )
    return role


def _require_filled(sheet: Sheet) -> None:
    items = selectors.items_of(sheet.version)
    missing = selectors.missing_items(items, selectors.answers(sheet_id=sheet.pk))
    if missing:
        raise NotFilled(
            "sheets.not_filled",
            _("%(count)s items have no entry yet, first: %(item)s.")
            % {"count": len(missing), "item": missing[0].title},
            items=[item.key for item in missing],
        )


def _reason(text: str) -> str:
    read = parse.text(text, most=500, lines=True).strip()
    if not read:
        raise ReasonMissing
    return read


def _record(action: str, sheet: Sheet, reason: str, *, actor: Actor, at: datetime) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=(selectors.SUBJECT, sheet.pk),
        body={"reason": reason, "round": sheet.round, "state": sheet.state},
    )
