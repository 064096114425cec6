"""What the shell shows of checks and forms: names, lines, cards, words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ops.engines.desk.declarations import (
    Card,
    CardData,
    CardLine,
    Hit,
    NavEntry,
    Place,
    SearchKind,
    card,
    nav,
    search_kind,
)
from ops.engines.desk.histories import word_actions
from ops.engines.desk.keyset import head_of
from ops.engines.desk.states import Badge, Tone
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.sheets import rules, selectors
from ops.engines.sheets.choices import CaseState, ItemKind, SheetState
from ops.engines.sheets.models import Case, Sheet
from ops.engines.sheets.templates import template_named, templates
from ops.engines.sheets.types import AnswerInfo, ItemSpec, SheetDetail

_SHOWN: Final = 6
_ROLES: Final = (
    Role.WAREHOUSE_KEEPER,
    Role.STORE_MANAGER,
    Role.COMPLIANCE_OFFICER,
    Role.AUDITOR,
    Role.DEPARTMENT_HEAD,
    Role.INFORMATION_SUPERVISOR,
)


# Badges of their own: other documents use the same state words with another meaning.
_SHEET_TONES: Final = {
    SheetState.OPEN: Tone.NEUTRAL,
    SheetState.FILLED: Tone.WAITING,
    SheetState.SIGNED: Tone.RUNNING,
    SheetState.CLOSED: Tone.DONE,
    SheetState.VOID: Tone.NEUTRAL,
}
_CASE_TONES: Final = {
    CaseState.OPEN: Tone.STOPPED,
    CaseState.REMEDIED: Tone.WAITING,
    CaseState.CLOSED: Tone.DONE,
    CaseState.WITHDRAWN: Tone.NEUTRAL,
}


def sheet_badge(state: str) -> Badge:
    """Return the badge of a sheet's state."""
    return Badge(SheetState(state).label, _SHEET_TONES[SheetState(state)])


def case_badge(state: str) -> Badge:
    """Return the badge of a case's state."""
    return Badge(CaseState(state).label, _CASE_TONES[CaseState(state)])


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One sheet of a list."""

    id: int
    sheet: Sheet
    title: str
    place: str


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One item of a sheet as it stands: what was asked, what was answered, by whom."""

    item: ItemSpec
    answer: AnswerInfo | None
    text: str
    name: str


def title_of(row: Sheet) -> str:
    """Return the title of a sheet's kind in the reader's language."""
    return str(template_named(row.template.key).title)


def rows_of(found: Sequence[Sheet]) -> list[SheetRow]:
    """Return sheets with the names of their places, in one query a kind of place."""
    names = selectors.scope_names(found)
    return [SheetRow(row.pk, row, title_of(row), names[row.pk]) for row in found]


def answer_rows(detail: SheetDetail, names: Mapping[int, str]) -> list[AnswerRow]:
    """Return every item with its newest answer in words."""
    rows = []
    for item in detail.items:
        given = detail.answers.get(item.key)
        value = given.value if given else None
        name = names.get(given.person_id or 0, "") if given and value is not None else ""
        rows.append(AnswerRow(item, given, rules.written(item, value), name))
    return rows


def item_title(case: Case) -> str:
    """Return the words of the item a case is about."""
    items = {item.key: item for item in selectors.items_of(case.sheet.version)}
    return str(items[case.item].title) if case.item in items else case.item


def photos_of(row: AnswerRow) -> list[int]:
    """Return the ids of the photos an answer holds."""
    if row.item.kind is not ItemKind.PHOTO or row.answer is None or row.answer.value is None:
        return []
    return [each["id"] for each in row.answer.value]


def kinds(actor: Actor) -> list[tuple[str, str]]:
    """Return the kinds of sheets this actor may see, for a filter."""
    found = ((key, str(each.title)) for key, each in templates().items() if each.read.allows(actor))
    return sorted(found, key=lambda pair: pair[1])


def waiting(actor: Actor, at: datetime) -> CardData:
    """Return the card of sheets to fill in, to sign, or with cases to settle; the late ones first.

    One query for the rows and their number, one for each kind of place among them; none for whom
    no kind of sheet names.
    """
    del at
    rows, in_all = head_of(selectors.waiting(actor=actor), _SHOWN)
    return CardData(
        lines=[
            CardLine(
                title=f"{each.title} {each.place}".strip(),
                number=each.sheet.number,
                href=reverse("desk:sheet", args=[each.id]),
                detail=each.sheet.period,
                figure=f"{each.sheet.items_done}/{each.sheet.items_total}",
                due_at=each.sheet.due_at if each.sheet.signed_at is None else None,
                state=sheet_badge(each.sheet.state),
            )
            for each in rows_of(rows)
        ],
        total=in_all,
        href=f"{reverse('desk:sheets')}?tab=wait",
    )


def _find(actor: Actor, text: str, most: int) -> Sequence[Hit]:
    rows = selectors.sheets(actor=actor).filter(number=text.upper())[:most]
    return [
        Hit(
            title=row.number,
            note=title_of(row),
            href=reverse("desk:sheet", args=[row.pk]),
            is_exact=True,
        )
        for row in rows
    ]


def declare() -> None:
    """Enter navigation, cards, search, looks and words of checks and forms."""
    nav(
        NavEntry(
            key="sheets",
            title=_("Checks and forms"),
            url_name="desk:sheets",
            policy=SIGNED_IN,
            roles=_ROLES,
            order=35,
            icon="check",
            group=_("Everybody"),
        )
    )
    nav(
        NavEntry(
            key="sheet-cases",
            title=_("Cases"),
            url_name="desk:sheet-cases",
            policy=SIGNED_IN,
            order=36,
            icon="alert",
            group=_("Everybody"),
        )
    )
    roles = (*_ROLES, Role.OPERATIONS_DIRECTOR, Role.OPERATIONS_MANAGER)
    card(
        Card(
            key="sheets-waiting",
            title=_("Checks and forms"),
            query=waiting,
            roles=roles,
            place=Place.WORK,
            order=5,
            url_name="desk:sheets",
        )
    )
    search_kind(SearchKind(key="sheet", title=_("Checks and forms"), find=_find, order=60))
    words: dict[str, Any] = {
        "sheets.opened": _("opened the sheet"),
        "sheets.answered": _("made entries"),
        "sheets.signed": _("signed"),
        "sheets.sent_back": _("sent the sheet back"),
        "sheets.voided": _("put the sheet out of use"),
        "sheets.case_remedied": _("put it right"),
        "sheets.case_closed": _("closed the case"),
        "sheets.version_published": _("put other items in force"),
    }
    word_actions(words)
