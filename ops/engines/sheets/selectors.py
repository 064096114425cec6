"""Read sheets: which are mine, what stands on one, whether work may go on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet

from ops.engines.identity.scopes import scope_kinds, scope_model
from ops.engines.kernel.actor import Actor
from ops.engines.sheets import drawing, rules
from ops.engines.sheets.choices import DONE, UNSIGNED, SheetState
from ops.engines.sheets.errors import NotDrawn, SheetMissing
from ops.engines.sheets.models import Answer, Case, Draw, Sheet, TemplateVersion
from ops.engines.sheets.templates import Template, template_named, templates
from ops.engines.sheets.types import (
    AnswerInfo,
    CaseInfo,
    ItemSpec,
    SheetDetail,
    SheetInfo,
    SignatureInfo,
    Verified,
)

SUBJECT: Final = "sheets.sheet"
CASE: Final = "sheets.case"


def sheets(*, actor: Actor, right: str = "V") -> QuerySet[Sheet]:
    """Return the sheets this actor may see: kinds by right, places by scope."""
    mine = Q(pk__in=[])
    for (kind, ids), keys in _reach(actor, right).items():
        here = Q(template__key__in=keys)
        if ids is not None:
            here &= Q(scope_kind=kind, scope_id__in=ids)
        mine |= here
    return Sheet.objects.filter(mine).select_related("template", "version")


def cases(*, actor: Actor) -> QuerySet[Case]:
    """Return the cases on the sheets this actor may see."""
    return Case.objects.filter(sheet__in=sheets(actor=actor)).select_related(
        "sheet", "sheet__template", "sheet__version"
    )


def sheet(*, sheet_id: int, actor: Actor) -> Sheet:
    """Return one sheet the actor may see; raises SheetMissing."""
    found = sheets(actor=actor).filter(pk=sheet_id).first()
    if found is None:
        raise SheetMissing
    return found


def case(*, case_id: int, actor: Actor) -> Case:
    """Return one case the actor may see; raises SheetMissing."""
    found = cases(actor=actor).filter(pk=case_id).first()
    if found is None:
        raise SheetMissing
    return found


def is_visible(actor: Actor, object_id: str) -> bool:
    """Say whether the files of a sheet may be handed to this actor."""
    return object_id.isdecimal() and sheets(actor=actor).filter(pk=int(object_id)).exists()


def detail(*, sheet_id: int, actor: Actor) -> SheetDetail:
    """Return one sheet with its items, newest answers, hands and sample; raises SheetMissing."""
    row = sheet(sheet_id=sheet_id, actor=actor)
    template = template_named(row.template.key)
    signatures = row.signatures.filter(round=row.round).order_by("step")
    drawn = Draw.objects.filter(sheet=row).first()
    return SheetDetail(
        sheet=info(row),
        title=str(template.title),
        scope_name=scope_names([row])[row.pk],
        version=row.version.number,
        items=items_of(row.version),
        answers=answers(sheet_id=row.pk),
        signers=list(row.signers),
        signatures=[
            SignatureInfo(
                step=each.step,
                role=each.role,
                person_id=each.person_id,
                at=each.at,
                content_hash=each.content_hash,
            )
            for each in signatures
        ],
        current_hash=row.content_hash or content_hash(row.pk),
        returned_reason=row.returned_reason,
        void_reason=row.void_reason,
        sample=drawn.chosen if drawn else (),
    )


def info(row: Sheet) -> SheetInfo:
    """Return the plain form of a sheet."""
    return SheetInfo(
        id=row.pk,
        number=row.number,
        template=row.template.key,
        scope_kind=row.scope_kind,
        scope_id=row.scope_id,
        period=row.period,
        state=row.state,
        opened_at=row.opened_at,
        due_at=row.due_at,
        signed_at=row.signed_at,
        content_hash=row.content_hash,
    )


def case_info(row: Case) -> CaseInfo:
    """Return the plain form of a case."""
    return CaseInfo(
        id=row.pk,
        number=row.number,
        sheet_id=row.sheet_id,
        item=row.item,
        state=row.state,
        due_on=row.due_on,
    )


def items_of(version: TemplateVersion) -> list[ItemSpec]:
    """Return the items of a version."""
    return rules.items_of(version.items)


def answers(*, sheet_id: int) -> dict[str, AnswerInfo]:
    """Return the newest answer of each item, also one that takes an answer back."""
    rows = Answer.objects.filter(sheet_id=sheet_id).order_by("item", "-id").distinct("item")
    return {
        row.item: AnswerInfo(
            id=row.pk,
            item=row.item,
            value=row.value,
            note=row.note,
            is_abnormal=row.is_abnormal,
            person_id=row.person_id,
            at=row.at,
        )
        for row in rows
    }


def missing_items(items: Iterable[ItemSpec], given: Mapping[str, AnswerInfo]) -> list[ItemSpec]:
    """Return the required items without an answer."""
    done = {key for key, each in given.items() if each.value is not None}
    return [item for item in items if item.is_required and item.key not in done]


def content_hash(sheet_id: int) -> str:
    """Return the hash of what stands on a sheet now, as the database computes it for signing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sheets_content_hash(%s)", [sheet_id])
        return str(cursor.fetchone()[0])


def is_signed(*, template: str, scope_id: int | None, period: str) -> bool:
    """Say whether the sheet of a place and period is signed; work that waits for it asks here."""
    return Sheet.objects.filter(
        template__key=template, scope_id=scope_id, period=period, state__in=DONE
    ).exists()


def newest_signed(template: str) -> Callable[[], datetime | None]:
    """Return a question for `controls.py`: when the newest sheet of a template was signed."""

    def newest() -> datetime | None:
        return (
            Sheet.objects.filter(template__key=template, state__in=DONE)
            .order_by("-signed_at")
            .values_list("signed_at", flat=True)
            .first()
        )

    return newest


def waiting(*, actor: Actor) -> QuerySet[Sheet]:
    """Return the actor's sheets to fill in, to sign, or with cases to settle, by due time.

    Only of kinds that name a position of the actor; an empty query set where none does.
    """
    keys = [key for key, each in templates().items() if actor.holds(*each.concerned)]
    found = sheets(actor=actor).filter(
        template__key__in=keys, state__in=[*UNSIGNED, SheetState.SIGNED]
    )
    return found.order_by("due_at", "id")


def scope_names(rows: Collection[Sheet]) -> dict[int, str]:
    """Return the name of each sheet's place, empty for the whole company; one query per kind."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row.scope_id is not None:
            wanted[row.scope_kind].add(row.scope_id)
    names = {
        (kind, pk): str(found)
        for kind, ids in wanted.items()
        if kind in scope_kinds()
        for pk, found in scope_model(kind)._default_manager.in_bulk(ids).items()  # noqa: SLF001
    }
    return {row.pk: names.get((row.scope_kind, row.scope_id or 0), "") for row in rows}


def verify_draw(*, sheet_id: int, actor: Actor) -> Verified:
    """Draw the sample of a sheet again from its seed and compare.

    The population is asked for as of the moment of the draw. Raises SheetMissing, NotDrawn.
    """
    row = sheet(sheet_id=sheet_id, actor=actor)
    drawn = Draw.objects.filter(sheet=row).first()
    sampling = template_named(row.template.key).sampling
    if drawn is None or sampling is None:
        raise NotDrawn("sheets.not_drawn", "This sheet has no drawn sample.")
    ids = list(
        sampling.population(row.scope_id, drawn.first_day, drawn.last_day, drawn.population_at)
    )
    again = drawing.draw(ids, seed=drawn.seed, size=drawn.size)
    return Verified(
        is_population_same=drawing.population_hash(ids) == drawn.population_hash,
        is_choice_same=again == drawn.chosen,
        population=drawn.population,
        size=drawn.size,
    )


def may_touch(template: Template, scope_id: int | None, actor: Actor, right: str) -> bool:
    """Say whether a right in the template's area reaches a place."""
    ids = actor.scope_ids(template.scope, template.area, right)
    return ids is None or (scope_id is not None and scope_id in ids)


def _reach(actor: Actor, right: str) -> dict[tuple[str, frozenset[int] | None], list[str]]:
    """Group the templates an actor may see by the places in which."""
    found: dict[Any, list[str]] = defaultdict(list)
    for key, template in templates().items():
        if template.read.allows(actor):
            ids = actor.scope_ids(template.scope, template.area, right)
            found[template.scope, ids].append(key)
    return found
