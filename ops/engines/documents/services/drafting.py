"""Write a rule document: the first draft, a revision, and handing it in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from ops.engines.approvals import services as approvals
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit import services as audit
from ops.engines.documents import rules
from ops.engines.documents.choices import OPEN, DocumentKind, VersionState
from ops.engines.documents.errors import DocumentWrong, VersionClosed
from ops.engines.documents.models import DocumentVersion, RuleDocument
from ops.engines.documents.policies import WRITE
from ops.engines.documents.selectors.library import describe, locked_document, version_of
from ops.engines.documents.types import VersionInfo
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.kernel.parse import business_day

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,39}", re.ASCII)


def begin(
    *,
    code: str,
    title: str,
    kind: str,
    text: str,
    effective_on: dt.date,
    audience: Collection[str],
    department_id: int | None = None,
    clauses: Collection[str] = (),
    expires_on: dt.date | None = None,
    review_months: int = 6,
    title_en: str = "",
    actor: Actor,
    at: dt.datetime,
) -> VersionInfo:
    """Enter a document with the draft of its first version; the actor becomes its owner.

    Without a department it is a rule of the whole company, which the director decides too.
    Raises Forbidden, DocumentWrong, VersionClosed when the code is taken.
    """
    person_id = _writer(actor)
    if not _CODE.fullmatch(code):
        raise DocumentWrong(
            "documents.code",
            _("A code has capital letters, digits and hyphens, at least two."),
            field="code",
        )
    unknown = set(audience) - {str(role) for role in Role}
    if unknown or not audience:
        raise DocumentWrong(
            "documents.audience", _("Choose who has to read this document."), field="audience"
        )
    with transaction.atomic():
        document, is_new = RuleDocument.objects.get_or_create(
            code=code,
            defaults={
                "title": title.strip(),
                "title_en": title_en.strip(),
                "kind": DocumentKind(kind),
                "department_id": department_id,
                "owner_id": person_id,
                "audience": sorted(audience),
                "clauses": sorted(clauses),
                "review_months": review_months,
                "created_at": at,
            },
        )
        if not is_new:
            raise VersionClosed(
                "documents.code_taken",
                _("There is a document %(code)s already; revise it.") % {"code": code},
                field="code",
            )
        return _draft(
            document,
            text=text,
            reason=_("First version"),
            effective_on=effective_on,
            expires_on=expires_on,
            actor=actor,
            at=at,
        )


def revise(
    *,
    code: str,
    text: str,
    reason: str,
    effective_on: dt.date,
    impact: str = "",
    expires_on: dt.date | None = None,
    actor: Actor,
    at: dt.datetime,
) -> VersionInfo:
    """Draft the next version of a document, or write its open draft anew (ANX-8.2-01).

    Raises Forbidden, DocumentMissing, DocumentWrong, VersionClosed while one is in review.
    """
    _writer(actor)
    with transaction.atomic():
        document = locked_document(code)
        open_one = document.versions.filter(state__in=OPEN).first()
        if open_one is not None and open_one.state != VersionState.DRAFT:
            raise VersionClosed(
                "documents.in_review",
                _("Version %(number)s is on its way; wait until it is decided or effective.")
                % {"number": open_one.number},
            )
        return _draft(
            document,
            text=text,
            reason=reason,
            impact=impact,
            effective_on=effective_on,
            expires_on=expires_on,
            draft=open_one,
            actor=actor,
            at=at,
        )


def submit(*, version_id: int, actor: Actor, at: dt.datetime) -> RequestInfo:
    """Hand a draft in for decision; from here on its words are fixed (GEN-1.3-05).

    Raises Forbidden, DocumentMissing, VersionClosed, and what the approvals engine refuses.
    """
    _writer(actor)
    with approvals.handing_in(rules.FLOW, actor=actor, at=at):
        version = version_of(version_id)
        document = locked_document(version.document.code)
        version.refresh_from_db()
        if version.state != VersionState.DRAFT:
            raise VersionClosed("documents.not_draft", _("This version was already handed in."))
        former = document.versions.filter(state=VersionState.EFFECTIVE).first()
        moved = rules.changes(former.text if former else "", version.text)
        version.state = VersionState.REVIEW
        version.save(update_fields=["state"])
        return approvals.submit(
            flow=rules.FLOW,
            subject=(rules.SUBJECT, version.pk),
            number=f"{document.code} v{version.number}",
            title=document.title,
            content={
                "action": "publish",
                "code": document.code,
                "title": document.title,
                "version": version.number,
                "text": version.text,
                "reason": version.reason,
                "impact": version.impact,
                "effective_on": version.effective_on,
                "expires_on": version.expires_on,
                "is_company": document.department_id is None,
                "lines": [{"version": version.pk, "digest": version.digest}],
            },
            figures={
                "added": sum(1 for sign, _line in moved if sign == "+"),
                "removed": sum(1 for sign, _line in moved if sign == "-"),
            },
            department_id=document.department_id,
            actor=actor,
            at=at,
        )


def _draft(
    document: RuleDocument,
    *,
    text: str,
    reason: str,
    effective_on: dt.date,
    expires_on: dt.date | None,
    impact: str = "",
    draft: DocumentVersion | None = None,
    actor: Actor,
    at: dt.datetime,
) -> VersionInfo:
    _check(text, reason, effective_on, expires_on, at)
    if draft is None:
        newest = document.versions.aggregate(most=Max("number"))["most"] or 0
        draft = DocumentVersion(document=document, number=newest + 1)
    draft.text, draft.reason, draft.impact = text, reason.strip(), impact.strip()
    draft.effective_on, draft.expires_on = effective_on, expires_on
    draft.drafted_by_id, draft.drafted_at = _writer(actor), at
    draft.digest = rules.digest_of(code=document.code, number=draft.number, text=text)
    draft.save()
    audit.record(
        actor=actor,
        at=at,
        action="documents.drafted",
        obj=(rules.SUBJECT, draft.pk),
        body={"document": document.code, "version": draft.number, "digest": draft.digest},
    )
    return describe(draft)


def _check(
    text: str, reason: str, effective_on: dt.date, expires_on: dt.date | None, at: dt.datetime
) -> None:
    if not text.strip() or len(text) > rules.MOST_LETTERS:
        raise DocumentWrong("documents.text", _("The text is empty or too long."), field="text")
    if not reason.strip():
        raise DocumentWrong("documents.reason", _("Say why it changes."), field="reason")
    if effective_on < business_day(at):
        raise DocumentWrong(
            "documents.effective_past", _("It cannot become effective in the past."),
            field="effective_on",
        )  # fmt: skip
    if expires_on is not None and expires_on <= effective_on:
        raise DocumentWrong(
            "documents.expires_before", _("A trial ends after it begins."), field="expires_on"
        )


def _writer(actor: Actor) -> int:
    """Return the person who writes. Raises Forbidden."""
    WRITE.require(actor)
    if actor.person_id is None:
        raise Forbidden("documents.person_needed", _("Only a person writes rules."))
    return actor.person_id
