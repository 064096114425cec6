"""The rule library: what is in force, what I still have to read, writing and handing in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ops.engines.desk.cells import Column, Lines
from ops.engines.desk.fields import Field, Group
from ops.engines.desk.filing import Files
from ops.engines.desk.filters import Filter
from ops.engines.desk.forms import FormScreen
from ops.engines.desk.keyset import ListPage
from ops.engines.desk.lists import ListQuery, ListScreen, Tab
from ops.engines.desk.records import (
    Action,
    Done,
    Fact,
    FactGroup,
    Record,
    RecordScreen,
    Related,
)
from ops.engines.desk.states import Tone, register_states
from ops.engines.desk.words import role_name
from ops.engines.documents import rules, selectors, services
from ops.engines.documents.choices import OPEN, DocumentKind, VersionState
from ops.engines.documents.models import DocumentReading, DocumentVersion, RuleDocument
from ops.engines.documents.policies import READ, WRITE
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import NotFound

SUBJECT: Final = rules.SUBJECT
MOST_SHOWN: Final = 200
register_states(
    {
        VersionState.EFFECTIVE: Tone.DONE,
        VersionState.ABOLISHED: Tone.STOPPED,
    }
)
_WORDS: Final = (
    Field("text", gettext_lazy("Text"), "lines", most=rules.MOST_LETTERS),
    Field(
        "effective_on",
        gettext_lazy("Effective on"),
        "day",
        hint=gettext_lazy("Approved later, it begins on the day of the approval."),
    ),
    Field("expires_on", gettext_lazy("Trial ends on"), "day", required=False),
)
_CHANGE: Final = (
    Field("reason", gettext_lazy("Reason of the change"), most=500, least=1),
    Field("impact", gettext_lazy("What it touches"), "lines", required=False, most=2000),
)


def unread(actor: Actor, at: dt.datetime) -> int:
    """Count what this person still has to confirm."""
    del at
    return selectors.unread_count(actor=actor)


class Library(ListScreen):
    """`/documents/`: every rule of the house with its version in force."""

    policy = READ
    title = gettext_lazy("Rule library")
    nav = "documents"
    columns = (
        Column("code", gettext_lazy("Code"), "code", name=True, sort=True),
        Column("title", gettext_lazy("Title")),
        Column("kind", gettext_lazy("Kind"), value=lambda row: DocumentKind(row.kind).label),
        Column(
            "department",
            gettext_lazy("Department"),
            value=lambda row: row.department.name if row.department else _("Whole company"),
        ),
        Column("owner", gettext_lazy("Rule owner"), value=lambda row: row.owner.name),
        Column("in_force_number", gettext_lazy("Version in force"), "number"),
        Column("in_force_on", gettext_lazy("In force since"), "day"),
        Column("review_due_on", gettext_lazy("Review due"), "day"),
        Column(
            "state",
            gettext_lazy("Newest version"),
            "badge",
            value=lambda row: VersionState(row.newest_state) if row.newest_state else None,
        ),
    )
    tabs = (
        Tab("all", gettext_lazy("All")),
        Tab("unread", gettext_lazy("For me to read"), count=unread),
        Tab("review", gettext_lazy("Review due")),
    )
    filters = (
        Filter("q", gettext_lazy("Code or title"), "text"),
        Filter("kind", gettext_lazy("Kind"), choices=DocumentKind.choices),
    )
    order = "code"
    export_policy = READ
    empty = gettext_lazy("No rule document yet. Department heads write the first one.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the library."""
        rows = selectors.library(actor=actor)
        if query.tab == "unread":
            rows = rows.filter(Q(is_unread=True))
        if query.tab == "review":
            rows = rows.filter(Q(review_due_on__lte=query.today))
        if text := query.get("q"):
            rows = rows.filter(title__icontains=text) | rows.filter(code__istartswith=text)
        if kind := query.get("kind"):
            rows = rows.filter(kind=kind)
        return query.page(rows, orders={"code": "code"})

    def row_href(self, row: RuleDocument) -> str:
        """Open the document."""
        return reverse("desk:document", args=[row.code])

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Offer to write one."""
        href = reverse("desk:document-new")
        if not WRITE.allows(actor):
            return []
        return [
            Action(
                key="new",
                label=gettext_lazy("New rule document"),
                href=href,
                policy=WRITE,
                is_primary=True,
            )
        ]


class DocumentScreen(RecordScreen):
    """`/documents/<code>/`: the words in force, or those of `?version=`, and who read them."""

    policy = READ
    nav = "documents"
    list_url_name = "desk:documents"
    list_title = gettext_lazy("Rule library")
    template_name = "desk/document.html"

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return one version of the document; raises DocumentMissing."""
        every = selectors.versions(code=key["code"])
        document = selectors.document_named(key["code"])
        shown = _chosen(every, self.request.GET.get("version", ""))
        return Record(
            number=document.code,
            title=document.title,
            state=VersionState(shown.state),
            actions=_actions(document, every, shown, actor),
            notices=_notices(document, shown, actor),
            facts=[_facts(document, shown)],
            lines=[_readers(shown, at), _interpretations(shown)],
            related=_related(every, shown),
            clauses=document.clauses,
            subject=(SUBJECT, shown.pk),
            files=Files(
                object_type=SUBJECT,
                object_id=shown.pk,
                add=WRITE,
                why_not=""
                if shown.state == VersionState.DRAFT
                else _("Files are added while it is a draft."),
            ),
        )

    def extra(self, *, record: Record, actor: Actor) -> Mapping[str, Any]:
        """Return the words and what changed against the version before."""
        del actor
        every = selectors.versions(code=record.number)
        shown = _chosen(every, self.request.GET.get("version", ""))
        before = next((one for one in every if one.number == shown.number - 1), None)
        return {
            "version": shown,
            "blocks": rules.blocks(shown.text),
            "changes": rules.changes(before.text, shown.text) if before else [],
            "before": before,
        }


class NewDocument(FormScreen):
    """`/documents/new/`: the first version of a rule, as a draft."""

    policy = WRITE
    title = gettext_lazy("New rule document")
    nav = "documents"
    submit_label = gettext_lazy("Save the draft")
    keeps_draft = True
    groups = (
        Group(
            gettext_lazy("Rule document"),
            (
                Field("code", gettext_lazy("Code"), "code", most=40),
                Field("title", gettext_lazy("Title"), most=120, least=1),
                Field("kind", gettext_lazy("Kind"), "choice", choices=DocumentKind.choices),
                Field(
                    "department",
                    gettext_lazy("Department"),
                    "choice",
                    required=False,
                    choices=lambda _actor: [
                        (str(one.department_id), one.name) for one in identity.departments()
                    ],
                    hint=gettext_lazy("Without one it binds the whole company."),
                ),
                Field(
                    "audience",
                    gettext_lazy("Who has to read it"),
                    "choices",
                    choices=lambda _actor: [(str(role), role_name(role)) for role in _readable()],
                ),
                Field("clauses", gettext_lazy("Clauses"), required=False, most=400),
                Field(
                    "review_months",
                    gettext_lazy("Months between reviews"),
                    "quantity",
                    least=1,
                ),
            ),
        ),
        Group(gettext_lazy("First version"), _WORDS),
    )

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Offer the usual review."""
        return {"review_months": 6, "audience": [str(Role.ALL_STAFF)]}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Make the document."""
        made = services.begin(
            code=values["code"],
            title=values["title"],
            kind=values["kind"],
            text=values["text"],
            effective_on=values["effective_on"],
            expires_on=values["expires_on"],
            audience=values["audience"] or (),
            department_id=int(values["department"]) if values["department"] else None,
            clauses=(values["clauses"] or "").replace(",", " ").split(),
            review_months=values["review_months"],
            actor=actor,
            at=at,
        )
        return Done(
            message=_("%(code)s is saved.") % {"code": made.code},
            href=reverse("desk:document", args=[made.code]),
        )

    def back_url(self, **key: Any) -> str:
        """Lead to the library."""
        return reverse("desk:documents")


class Revision(FormScreen):
    """`/documents/<code>/revise/`: the next version, beginning with the words of the newest."""

    policy = WRITE
    title = gettext_lazy("Revise a rule document")
    nav = "documents"
    submit_label = gettext_lazy("Save the draft")
    keeps_draft = True
    groups = (
        Group(gettext_lazy("Change"), _CHANGE),
        Group(gettext_lazy("New version"), _WORDS),
    )

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Begin with the newest words."""
        newest = selectors.versions(code=key["code"])[0]
        if newest.state != VersionState.DRAFT:
            return {"text": newest.text}
        names = ("text", "reason", "impact", "effective_on", "expires_on")
        return {name: getattr(newest, name) for name in names}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Draft the version."""
        made = services.revise(
            code=key["code"],
            text=values["text"],
            reason=values["reason"],
            impact=values["impact"] or "",
            effective_on=values["effective_on"],
            expires_on=values["expires_on"],
            actor=actor,
            at=at,
        )
        return Done(
            message=_("%(code)s v%(number)s is saved.")
            % {"code": made.code, "number": made.number},
            href=f"{reverse('desk:document', args=[made.code])}?version={made.number}",
        )

    def back_url(self, **key: Any) -> str:
        """Lead to the document."""
        return reverse("desk:document", args=[key["code"]])


def _readable() -> list[str]:
    """Return the roles a rule may be addressed to."""
    return [str(Role.ALL_STAFF), *(role.key for role in identity.role_names())]


def _chosen(every: Sequence[DocumentVersion], asked: str) -> DocumentVersion:
    """Return the version asked for, else the one in force, else the newest."""
    if asked:
        found = [one for one in every if str(one.number) == asked]
        if not found:
            raise NotFound("documents.version_missing", _("There is no such version."))
        return found[0]
    in_force = [one for one in every if one.state == VersionState.EFFECTIVE]
    return (in_force or list(every))[0]


def _facts(document: RuleDocument, shown: DocumentVersion) -> FactGroup:
    audience = _(", ").join(role_name(role) for role in document.audience)
    return FactGroup(
        title=gettext_lazy("Version"),
        facts=[
            Fact(title=gettext_lazy("Version"), value=f"v{shown.number}"),
            Fact(title=gettext_lazy("Kind"), value=DocumentKind(document.kind).label),
            Fact(
                title=gettext_lazy("Department"),
                value=document.department.name if document.department else _("Whole company"),
            ),
            Fact(title=gettext_lazy("Rule owner"), value=document.owner.name),
            Fact(title=gettext_lazy("Effective on"), value=shown.effective_on, kind="day"),
            Fact(title=gettext_lazy("Trial ends on"), value=shown.expires_on, kind="day"),
            Fact(title=gettext_lazy("No longer in force from"), value=shown.ended_on, kind="day"),
            Fact(title=gettext_lazy("Review due"), value=shown.review_on, kind="day"),
            Fact(title=gettext_lazy("Audience"), value=audience, is_wide=True),
            Fact(title=gettext_lazy("Reason of the change"), value=shown.reason, is_wide=True),
            Fact(title=gettext_lazy("What it touches"), value=shown.impact, is_wide=True),
            Fact(title=gettext_lazy("Digest"), value=shown.digest, kind="code", is_wide=True),
        ],
    )


def _readers(shown: DocumentVersion, at: dt.datetime) -> Lines:
    standing = selectors.readership(version_id=shown.pk, at=at)
    told = len(standing.readers)
    return Lines(
        gettext_lazy("Read and understood"),
        [
            Column("name", gettext_lazy("Reader")),
            Column("at", gettext_lazy("Confirmed at"), "moment"),
        ],
        standing.readers[:MOST_SHOWN] if shown.state == VersionState.EFFECTIVE else [],
        note=ngettext(
            "%(done)s of %(count)s reader confirmed it.",
            "%(done)s of %(count)s readers confirmed it.",
            told,
        )
        % {"done": standing.confirmed, "count": told},
        empty=gettext_lazy("Readers are asked once it is in force."),
    )


def _interpretations(shown: DocumentVersion) -> Lines:
    return Lines(
        gettext_lazy("Interpretations"),
        [
            Column("passage", gettext_lazy("Passage")),
            Column("question", gettext_lazy("Question")),
            Column("answer", gettext_lazy("Answer given")),
            Column("author", gettext_lazy("Interpreted by"), value=lambda row: row.author.name),
            Column("at", gettext_lazy("Published at"), "moment"),
        ],
        list(shown.interpretations.select_related("author")),
        empty=gettext_lazy("Nobody asked what a passage means."),
    )


def _related(every: Sequence[DocumentVersion], shown: DocumentVersion) -> list[Related]:
    approval = [
        Related(title=gettext_lazy("Approval"), href=reverse("desk:approval", args=[number]))
        for number in (shown.approval_id, shown.abolition_id)
        if number
    ]
    return approval + [
        Related(
            title=f"v{one.number}",
            note=VersionState(one.state).label,
            href=f"?version={one.number}",
        )
        for one in every
        if one.pk != shown.pk
    ]


def _notices(document: RuleDocument, shown: DocumentVersion, actor: Actor) -> list[tuple[str, str]]:
    mine = actor.holds(*document.audience) or Role.ALL_STAFF in document.audience
    if shown.state != VersionState.EFFECTIVE or not mine or _has_read(shown, actor):
        return []
    return [("warning", _("Please read this document and confirm that you understood it."))]


def _has_read(shown: DocumentVersion, actor: Actor) -> bool:
    rows = DocumentReading.objects.filter(version=shown, person_id=actor.person_id or 0)
    return rows.exists()


def _actions(
    document: RuleDocument,
    every: Sequence[DocumentVersion],
    shown: DocumentVersion,
    actor: Actor,
) -> list[Action]:
    actions: list[Action] = []
    is_busy = any(one.state in OPEN and one.state != VersionState.DRAFT for one in every)
    if shown.state == VersionState.EFFECTIVE and not _has_read(shown, actor):
        actions.append(
            Action(
                key="read",
                label=gettext_lazy("Read and understood"),
                run=partial(_acknowledge, shown),
                is_primary=True,
            )
        )
    if not WRITE.allows(actor):
        return actions  # readers read
    if shown.state == VersionState.DRAFT:
        actions.append(
            Action(
                key="submit",
                label=gettext_lazy("Hand in"),
                run=partial(_submit, shown),
                policy=WRITE,
                confirm=gettext_lazy("Its words are fixed from here on."),
                is_primary=True,
            )
        )
    actions.append(
        Action(
            key="revise",
            label=gettext_lazy("Revise"),
            href=reverse("desk:document-revise", args=[document.code]),
            policy=WRITE,
            why_not=_("A version is on its way.") if is_busy else "",
        )
    )
    if shown.state == VersionState.EFFECTIVE:
        actions += _owner_actions(shown)
    return actions


def _owner_actions(shown: DocumentVersion) -> list[Action]:
    return [
        Action(
            key="interpret",
            label=gettext_lazy("Say what it means"),
            run=partial(_interpret, shown),
            policy=WRITE,
            fields=(
                Field("passage", gettext_lazy("Passage"), most=120, least=1),
                Field("question", gettext_lazy("Question"), most=500, least=1),
                Field("answer", gettext_lazy("Answer given"), "lines", most=2000, least=1),
            ),
        ),
        Action(
            key="abolish",
            label=gettext_lazy("Ask for its abolition"),
            run=partial(_abolish, shown),
            policy=WRITE,
            fields=(
                Field("reason", gettext_lazy("Reason"), most=500, least=1),
                Field("replaced_by", gettext_lazy("Replaced by"), "code", required=False, most=40),
            ),
            is_danger=True,
        ),
    ]


def _acknowledge(
    shown: DocumentVersion, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> Done:
    del values
    services.acknowledge(version_id=shown.pk, digest=shown.digest, actor=actor, at=at)
    return Done(message=_("You confirmed v%(number)s.") % {"number": shown.number})


def _submit(
    shown: DocumentVersion, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> Done:
    del values
    services.submit(version_id=shown.pk, actor=actor, at=at)
    return Done(message=_("The version was handed in."))


def _interpret(
    shown: DocumentVersion, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> Done:
    services.interpret(version_id=shown.pk, **values, actor=actor, at=at)
    return Done(message=_("The interpretation is published."))


def _abolish(
    shown: DocumentVersion, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> Done:
    services.abolish(
        version_id=shown.pk,
        reason=values["reason"],
        replaced_by=values["replaced_by"] or "",
        actor=actor,
        at=at,
    )
    return Done(message=_("The request was handed in."))
