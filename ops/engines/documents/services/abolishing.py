"""End a rule for good: with a reason, decided by the level that issued it (ANX-8.2-01)."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from ops.engines.approvals import services as approvals
from ops.engines.approvals.types import RequestInfo
from ops.engines.documents import rules
from ops.engines.documents.choices import VersionState
from ops.engines.documents.errors import DocumentWrong, NotEffective
from ops.engines.documents.policies import WRITE
from ops.engines.documents.selectors.library import locked_document, version_of
from ops.engines.kernel.actor import Actor


def abolish(
    *, version_id: int, reason: str, replaced_by: str = "", actor: Actor, at: dt.datetime
) -> RequestInfo:
    """Ask to end the version in force; it ends on the day the request is approved.

    `replaced_by` names the document that takes its place. Raises Forbidden, DocumentMissing,
    DocumentWrong without a reason, NotEffective, and what the approvals engine refuses.
    """
    WRITE.require(actor)
    if not reason.strip():
        raise DocumentWrong("documents.reason", _("Say why it is abolished."), field="reason")
    with approvals.handing_in(rules.FLOW, actor=actor, at=at):
        version = version_of(version_id)
        document = locked_document(version.document.code)
        version.refresh_from_db()
        if replaced_by:
            locked_document(replaced_by)
        if version.state != VersionState.EFFECTIVE:
            raise NotEffective("documents.not_in_force", _("This version is not in force."))
        return approvals.submit(
            flow=rules.FLOW,
            subject=(rules.SUBJECT, version.pk),
            number=f"{document.code} v{version.number}",
            title=document.title,
            content={
                "action": "abolish",
                "code": document.code,
                "title": document.title,
                "version": version.number,
                "digest": version.digest,
                "reason": reason.strip(),
                "replaced_by": replaced_by,
                "is_company": document.department_id is None,
                "lines": [],
            },
            figures={},
            department_id=document.department_id,
            actor=actor,
            at=at,
        )
