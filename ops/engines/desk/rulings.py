"""How a rule document is decided and found: what changed, from when, and by its code or title."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops.engines.approvals.types import RequestInfo
from ops.engines.desk.approving import word_figures
from ops.engines.desk.cells import Column, Lines
from ops.engines.desk.decisions import DecisionKind, decision
from ops.engines.desk.declarations import Hit, SearchKind, search_kind
from ops.engines.desk.filing import Files
from ops.engines.documents import rules, selectors
from ops.engines.documents.models import DocumentVersion
from ops.engines.documents.policies import READ
from ops.engines.kernel.actor import Actor

_SIGNS: Final = {
    "+": gettext_lazy("comes"),
    "-": gettext_lazy("goes"),
    " ": gettext_lazy("stays"),
}
_SAID: Final = (
    *("action", "text", "digest", "is_company", "effective_on", "expires_on"),
    *("code", "title", "version", "reason", "lines"),  # the sentence above says these
)


def changed_words(request: RequestInfo) -> list[Lines]:
    """Return the lines of the text that come and go; of a first version all of them."""
    content = request.content
    if content["action"] == "abolish":
        return []
    before = DocumentVersion.objects.filter(
        document__code=content["code"], number=content["version"] - 1
    ).first()
    return [
        Lines(
            gettext_lazy("What changes in the text"),
            [
                Column("sign", "", value=lambda row: _SIGNS[row[0]]),
                Column("words", gettext_lazy("Wording"), value=lambda row: row[1]),
            ],
            rules.changes(before.text if before else "", content["text"]),
        )
    ]


def when_and_whom(request: RequestInfo) -> list[str]:
    """Say from when it holds and for whom."""
    content = request.content
    said = [_("It binds the whole company.") if content["is_company"] else _("It binds one part.")]
    if content["action"] == "abolish":
        return [*said, _("It ends on the day of the approval.")]
    said.append(_("It is effective on %(day)s.") % {"day": content["effective_on"]})
    if content["expires_on"]:
        said.append(_("It is a trial until %(day)s.") % {"day": content["expires_on"]})
    return said


def found(actor: Actor, text: str, limit: int) -> Sequence[Hit]:
    """Return the documents of a code, or whose title holds the text."""
    rows = selectors.library(actor=actor).filter(
        Q(code__istartswith=text) | Q(title__icontains=text)
    )
    return [
        Hit(
            title=row.code,
            note=row.title,
            href=reverse("desk:document", args=[row.code]),
            is_exact=row.code.casefold() == text.casefold(),
        )
        for row in rows[:limit]
    ]


def _href(request: RequestInfo) -> str:
    content = request.content
    return f"{reverse('desk:document', args=[content['code']])}?version={content['version']}"


def _files(request: RequestInfo) -> Files:
    return Files(object_type=rules.SUBJECT, object_id=request.subject_id)


def declare() -> None:
    """Enter how rule documents are decided, worded and found."""
    decision(
        DecisionKind(
            flow=rules.FLOW,
            lines=changed_words,
            policy=when_and_whom,
            says=_SAID,
            subject_href=_href,
            files=_files,
        )
    )
    word_figures(
        {
            "added": (gettext_lazy("Lines that come"), "number"),
            "removed": (gettext_lazy("Lines that go"), "number"),
            "replaced_by": (gettext_lazy("Replaced by"), "text"),
            "impact": (gettext_lazy("What it touches"), "text"),
        }
    )
    search_kind(
        SearchKind(key="documents", title=gettext_lazy("Rule library"), find=found, policy=READ)
    )
