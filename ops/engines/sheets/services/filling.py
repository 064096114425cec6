"""Entries on a sheet: each counts once, a later one replaces, what is abnormal raises a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ops.engines.audit import services as audit
from ops.engines.files import selectors as kept_files
from ops.engines.files import services as files
from ops.engines.files.types import AttachmentInfo
from ops.engines.identity import selectors as identity
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.notices import services as notices
from ops.engines.numbering import services as numbering
from ops.engines.sheets import rules, selectors
from ops.engines.sheets.choices import UNSIGNED, CaseState, ItemKind, SheetState
from ops.engines.sheets.errors import AnsweredByAnother, NotYourTurn, ReasonMissing, SheetSettled
from ops.engines.sheets.models import Answer, Case, Sheet
from ops.engines.sheets.services import opening
from ops.engines.sheets.services.locking import lock_sheet
from ops.engines.sheets.templates import Template, template_named
from ops.engines.sheets.types import Answered, AnswerInfo, Entry, ItemSpec

CASES = "CS"
MOST_PHOTOS = 10
_FOUND = gettext_noop("%(number)s: something abnormal was found: %(item)s")


def answer(*, sheet_id: int, entries: Sequence[Entry], actor: Actor, at: datetime) -> Answered:
    """Take entries in; those that came before are known by their key and count once.

    An abnormal answer needs a note, raises a case and is told at once to the template's watchers;
    correcting it withdraws the case while nobody worked on it. Raises SheetMissing, NotYourTurn,
    SheetSettled (signed or void), AnsweredByAnother, ReasonMissing, BadInput.
    """
    with transaction.atomic():
        sheet = lock_sheet(sheet_id, actor)
        template = template_named(sheet.template.key)
        require_filler(template, sheet, actor)
        fresh = _fresh(sheet, entries)
        newest = selectors.answers(sheet_id=sheet.pk)
        made: list[Answer] = []
        if fresh:
            _require_unsigned(sheet)
            items = {item.key: item for item in selectors.items_of(sheet.version)}
            drafts = [_draft(sheet, items, newest, each, actor=actor, at=at) for each in fresh]
            made = Answer.objects.bulk_create(drafts)
            newest = selectors.answers(sheet_id=sheet.pk)
            touched = {each.item for each in made}
            _project(sheet, items, newest)
            _settle_cases(sheet, newest, touched)
            _raise_cases(template, sheet, items, newest, touched, actor=actor, at=at)
            _record(sheet, made, actor=actor, at=at)
        return Answered(
            sheet_id=sheet.pk,
            written=len(made),
            repeated=len(entries) - len(made),
            state=sheet.state,
            done=sheet.items_done,
            total=sheet.items_total,
            answer_ids={key: each.id for key, each in newest.items()},
        )


def attach(*, sheet_id: int, name: str, data: bytes, actor: Actor, at: datetime) -> AttachmentInfo:
    """Keep a photo for a sheet; an entry then names it. The same photo is kept once.

    Raises SheetMissing, NotYourTurn, SheetSettled and what the files engine refuses.
    """
    with transaction.atomic():
        sheet = lock_sheet(sheet_id, actor)
        require_filler(template_named(sheet.template.key), sheet, actor)
        _require_unsigned(sheet)
        return files.store(
            object_type=selectors.SUBJECT,
            object_id=sheet.pk,
            name=name,
            data=data,
            actor=actor,
            at=at,
        )


def require_filler(template: Template, sheet: Sheet, actor: Actor) -> None:
    """Refuse who may look but not fill in; raises NotYourTurn."""
    if template.fill.allows(actor) and selectors.may_touch(template, sheet.scope_id, actor, "C"):
        return
    raise NotYourTurn("sheets.not_filler", _("Another position fills this sheet in."))


def _require_unsigned(sheet: Sheet) -> None:
    if sheet.state not in UNSIGNED or sheet.signatures.filter(round=sheet.round).exists():
        raise SheetSettled


def _fresh(sheet: Sheet, entries: Sequence[Entry]) -> list[Entry]:
    by_key = {entry.client_key: entry for entry in reversed(entries)}
    known = sheet.answers.filter(client_key__in=by_key).values_list("client_key", flat=True)
    held = set(known)
    return [e for e in entries if e.client_key not in held and by_key[e.client_key] is e]


def _draft(
    sheet: Sheet,
    items: Mapping[str, ItemSpec],
    newest: Mapping[str, AnswerInfo],
    entry: Entry,
    *,
    actor: Actor,
    at: datetime,
) -> Answer:
    item = items.get(entry.item)
    if item is None:
        raise BadInput("sheets.item", _("This sheet has no such item."), field=entry.item)
    _require_own(newest.get(item.key), entry, item, actor)
    value = _value(sheet, item, entry.value, actor)
    note = parse.text(entry.note, most=500, lines=True).strip()
    is_abnormal = rules.is_abnormal(item, value)
    if is_abnormal and not note:
        raise ReasonMissing(field=item.key)
    return Answer(
        sheet=sheet,
        item=item.key,
        client_key=entry.client_key,
        value=value,
        note=note,
        is_abnormal=is_abnormal,
        person_id=actor.person_id,
        entered_at=entry.entered_at,
        at=at,
    )


def _require_own(held: AnswerInfo | None, entry: Entry, item: ItemSpec, actor: Actor) -> None:
    """Never overwrite what another person entered and this device has not seen."""
    if held is None or held.value is None or entry.seen is None or held.id <= entry.seen:
        return
    if held.person_id != actor.person_id:
        raise AnsweredByAnother(
            "sheets.answered_by_another",
            _("%(item)s: %(name)s has entered “%(value)s”. Look at it before you replace it.")
            % {
                "item": item.title,
                "name": identity.person_name(held.person_id),
                "value": rules.written(item, held.value),
            },
            item=item.key,
        )


def _value(sheet: Sheet, item: ItemSpec, raw: Any, actor: Actor) -> Any:
    value = rules.read_value(item, raw)
    if value is None or item.kind not in (ItemKind.PHOTO, ItemKind.SIGNATURE):
        return value
    if item.kind is ItemKind.SIGNATURE:
        return {"person": actor.person_id, "name": actor.name}
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_PHOTOS:
        raise BadInput(
            "sheets.photos", _("1 to %(most)s photos.") % {"most": MOST_PHOTOS}, field=item.key
        )
    held = {
        each.id: each.sha256
        for each in kept_files.attachments(
            object_type=selectors.SUBJECT, object_id=sheet.pk, actor=actor
        )
    }
    if any(type(one) is not int or one not in held for one in value):
        raise BadInput("sheets.photo_unknown", _("There is no such photo."), field=item.key)
    return [{"id": one, "sha256": held[one]} for one in value]


def _project(sheet: Sheet, items: Mapping[str, ItemSpec], newest: Mapping[str, AnswerInfo]) -> None:
    sheet.items_done = sum(1 for each in newest.values() if each.value is not None)
    is_filled = not selectors.missing_items(items.values(), newest)
    sheet.state = SheetState.FILLED if is_filled else SheetState.OPEN
    sheet.save(update_fields=["items_done", "state"])


def _settle_cases(sheet: Sheet, newest: Mapping[str, AnswerInfo], touched: set[str]) -> None:
    normal = [key for key in touched if not newest[key].is_abnormal]
    ended = sheet.cases.filter(item__in=normal, state=CaseState.OPEN)
    ids = list(ended.order_by("pk").values_list("pk", flat=True))
    ended.update(state=CaseState.WITHDRAWN)
    for pk in ids:
        notices.settle(subject=f"{selectors.CASE}:{pk}", at=newest[normal[0]].at)


def _raise_cases(
    template: Template,
    sheet: Sheet,
    items: Mapping[str, ItemSpec],
    newest: Mapping[str, AnswerInfo],
    touched: set[str],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    held = set(sheet.cases.exclude(state=CaseState.WITHDRAWN).values_list("item", flat=True))
    wrong = sorted(key for key in touched - held if newest[key].is_abnormal)
    if not wrong:
        return
    numbers = numbering.take(CASES, at=at, count=len(wrong))
    made = Case.objects.bulk_create(
        Case(
            number=number,
            sheet=sheet,
            item=key,
            answer_id=newest[key].id,
            found=newest[key].note,
            owner_role=template.owner,
            opened_at=at,
            due_on=parse.business_day(at) + timedelta(days=template.case_days),
        )
        for number, key in zip(numbers, wrong, strict=True)
    )
    for case in made:
        for role in dict.fromkeys((template.owner, *template.watchers)):
            opening.tell(
                template,
                sheet,
                role,
                _FOUND,
                actor=actor,
                at=at,
                link=f"/sheets/cases/{case.pk}/",
                subject=f"{selectors.CASE}:{case.pk}",
                item=items[case.item].title.zh,
            )


def _record(sheet: Sheet, made: Sequence[Answer], *, actor: Actor, at: datetime) -> None:
    audit.record(
        actor=actor,
        at=at,
        action="sheets.answered",
        obj=(selectors.SUBJECT, sheet.pk),
        body={"answers": [[a.pk, a.item, a.value, a.note, a.is_abnormal] for a in made]},
    )
