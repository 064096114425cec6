"""Versions of templates: the declared items, until the owner approves others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from ops.engines.approvals import services as approvals
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit import services as audit
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash
from ops.engines.kernel.errors import RuleViolation
from ops.engines.sheets import rules
from ops.engines.sheets.models import Template, TemplateVersion
from ops.engines.sheets.templates import Template as Declared
from ops.engines.sheets.templates import template_named
from ops.engines.sheets.types import ItemSpec

SUBJECT = "sheets.template"


def lock_template(key: str) -> Template:
    """Return the locked row of a template, made when it is first needed."""
    Template.objects.bulk_create([Template(key=key)], ignore_conflicts=True)
    return Template.objects.select_for_update(of=("self",), no_key=True).get(key=key)


def current_version(declared: Declared, row: Template, *, at: datetime) -> TemplateVersion:
    """Return the version in force today of a locked template.

    While nobody approved other items, the declared ones are in force, and a changed declaration
    is a new version; afterwards the owner's newest version is.
    """
    today = parse.business_day(at)
    own = row.versions.filter(is_declared=False, valid_from__lte=today).order_by("-number").first()
    if own is not None:
        return own
    items = rules.document(declared.specs())
    digest = content_hash(items)
    newest = row.versions.filter(is_declared=True).order_by("-number").first()
    if newest is not None and newest.content_hash == digest:
        return newest
    return TemplateVersion.objects.create(
        template=row,
        number=_next_number(row),
        items=items,
        content_hash=digest,
        valid_from=today,
        is_declared=True,
        made_at=at,
    )


def propose_version(
    *,
    template: str,
    items: Sequence[ItemSpec],
    valid_from: date,
    reason: str,
    actor: Actor,
    at: datetime,
) -> RequestInfo:
    """Ask the owner of a template for other items from a day on.

    Sheets opened before keep the version they have. Raises BadInput for items nobody could fill
    in, RuleViolation for a day that is past, and what `approvals.submit` refuses.
    """
    declared = template_named(template)
    rules.require_items(items)
    if valid_from < parse.business_day(at):
        raise RuleViolation(
            "sheets.version_past", _("A new version holds from today or later."), field="valid_from"
        )
    kept = rules.document(items)
    with approvals.handing_in(declared.flow, actor=actor, at=at):
        row = lock_template(template)
        before = current_version(declared, row, at=at)
        return approvals.submit(
            flow=declared.flow,
            subject=(SUBJECT, row.pk),
            number=f"{template} v{_next_number(row)}",
            title=str(declared.title),
            content={
                "template": template,
                "items": kept,
                "items_hash": content_hash(kept),
                "valid_from": valid_from.isoformat(),
                "reason": parse.text(reason, most=500, least=1),
                "before": before.items,
            },
            figures={"items": len(kept), "items_before": len(before.items)},
            actor=actor,
            at=at,
        )


def publish(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Put approved items in force; runs inside the deciding transaction."""
    row = lock_template(request.content["template"])
    made = TemplateVersion.objects.create(
        template=row,
        number=_next_number(row),
        items=request.content["items"],
        content_hash=request.content["items_hash"],
        valid_from=date.fromisoformat(request.content["valid_from"]),
        is_declared=False,
        approval_id=request.id,
        made_at=at,
    )
    audit.record(
        actor=actor,
        at=at,
        action="sheets.version_published",
        obj=(SUBJECT, row.pk),
        body={
            "template": row.key,
            "version": made.number,
            "items_hash": made.content_hash,
            "valid_from": made.valid_from,
            "request": request.id,
        },
    )


def describe_version(content: Mapping[str, Any]) -> str:
    """Say in one sentence what is asked for."""
    return _("%(template)s from %(day)s: %(reason)s") % {
        "template": template_named(content["template"]).title,
        "day": content["valid_from"],
        "reason": content["reason"],
    }


def _next_number(row: Template) -> int:
    last = row.versions.order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1
