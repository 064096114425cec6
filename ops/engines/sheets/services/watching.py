"""Watching: a sheet not signed in time, and a case not closed in time, are told once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.sheets import selectors
from ops.engines.sheets.choices import UNSETTLED, UNSIGNED
from ops.engines.sheets.models import Case, Sheet
from ops.engines.sheets.services import opening
from ops.engines.sheets.templates import template_named

_LATE = gettext_noop("%(number)s was to be signed by now and is not")
_LATE_CASE = gettext_noop("%(case)s was to be put right by now and is not closed")
MOST = 500  # a run; the next one goes on


def watch(*, templates: Collection[str], actor: Actor, at: datetime) -> dict[str, int]:
    """Tell owners and watchers of overdue sheets and cases, each once; return how many."""
    with transaction.atomic():
        late = list(
            Sheet.objects.select_for_update(of=("self",), no_key=True)
            .select_related("template")
            .filter(
                template__key__in=templates,
                state__in=UNSIGNED,
                due_at__lte=at,
                overdue_told_at=None,
            )
            .order_by("pk")[:MOST]
        )
        for sheet in late:
            template = template_named(sheet.template.key)
            for role in dict.fromkeys((template.owner, *template.watchers)):
                opening.tell(template, sheet, role, _LATE, actor=actor, at=at)
        Sheet.objects.filter(pk__in=[each.pk for each in late]).update(overdue_told_at=at)
        return {"sheets": len(late), "cases": _late_cases(templates, actor=actor, at=at)}


def _late_cases(templates: Collection[str], *, actor: Actor, at: datetime) -> int:
    late = list(
        Case.objects.select_for_update(of=("self",), no_key=True)
        .select_related("sheet", "sheet__template")
        .filter(
            sheet__template__key__in=templates,
            state__in=UNSETTLED,
            due_on__lt=business_day(at),
            overdue_told_at=None,
        )
        .order_by("pk")[:MOST]
    )
    for case in late:
        template = template_named(case.sheet.template.key)
        for role in dict.fromkeys((template.owner, *template.watchers)):
            opening.tell(
                template,
                case.sheet,
                role,
                _LATE_CASE,
                actor=actor,
                at=at,
                link=f"/sheets/cases/{case.pk}/",
                subject=f"{selectors.CASE}:{case.pk}",
                case=case.number,
            )
    Case.objects.filter(pk__in=[each.pk for each in late]).update(overdue_told_at=at)
    return len(late)
