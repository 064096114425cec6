"""Versioned content on screen: its versions, what changes, what was found, what may be done.

An app's record page loads `content_page(...)` and adds its own facts and tables:

    page = content_page(kind="catalog.shop_plan", subject_id=channel.id, edit_href=..., at=at)
    return Record(number=..., state=page.state, states=page.states, actions=page.actions,
                  lines=(*page.lines, ...), notices=page.notices, subject=page.subject)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ops.engines.approvals.types import RequestInfo
from ops.engines.desk import formats
from ops.engines.desk.cells import Column, Lines
from ops.engines.desk.decisions import DecisionKind, decision
from ops.engines.desk.fields import Field
from ops.engines.desk.histories import word_actions
from ops.engines.desk.records import Action, Done, StateStep
from ops.engines.desk.states import Tone, register_states
from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import canonical_json
from ops.engines.revisions import errors, selectors, services
from ops.engines.revisions.choices import Level, RevisionState, Standing
from ops.engines.revisions.declarations import Revised, kind_named
from ops.engines.revisions.types import Change, Finding, RevisionInfo, Version

Text = str | Promise
LONGEST: Final = 400
_ABSENT: Final = "–"

register_states(
    {
        Standing.SCHEDULED: Tone.WAITING,
        Standing.LIVE: Tone.DONE,
        Standing.REPLACED: Tone.NEUTRAL,
        Standing.WITHDRAWN: Tone.NEUTRAL,
        Level.STOP: Tone.STOPPED,
        Level.ROUTE: Tone.WAITING,
        Level.NOTE: Tone.NEUTRAL,
    }
)
word_actions(
    {
        "revisions.drafted": _("drafted a version"),
        "revisions.edited": _("changed the draft"),
        "revisions.discarded": _("dropped the draft"),
        "revisions.submitted": _("handed the version in"),
        "revisions.withdrawn": _("took the version back"),
        "revisions.returned": _("returned the version"),
        "revisions.published": _("let the version go live"),
        "revisions.restored": _("brought a former version back"),
        "revisions.retired": _("took it off"),
        "revisions.taken_over": _("took over what was live"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentPage:
    """The parts of a record page that every piece of content has.

    `live`, `open` and `newest` are versions of the history; `open` is drafted or in review.
    `content` is what the page shows: of the open version, else of the live, else of the newest.
    """

    kind: Revised
    history: Sequence[Version]
    live: Version | None
    open: Version | None
    state: Any
    states: Sequence[StateStep]
    actions: Sequence[Action]
    lines: Sequence[Lines]
    subject: tuple[str, object] | None

    @property
    def shown(self) -> Version | None:
        """Return the version the page shows."""
        return self.open or self.live or next(iter(self.history), None)


def content_page(
    *,
    kind: str,
    subject_id: int,
    edit_href: str,
    at: dt.datetime,
    findings: Sequence[Finding] | None = None,
) -> ContentPage:
    """Return what the page of a piece shows; the caller made sure that the actor may look.

    `findings` are those of an open draft as they stand now, when the caller has them already.
    """
    declared = kind_named(kind)
    history = selectors.history(kind=kind, subject_id=subject_id, at=at)
    live = next((v for v in history if v.standing == Standing.LIVE), None)
    open_one = next(
        (v for v in history if v.standing in (Standing.DRAFT, Standing.SUBMITTED)), None
    )
    piece = history[0].info.piece_id if history else None
    found = findings
    if found is None and open_one is not None:
        found = open_one.info.findings
        if found is None:
            found = selectors.findings(revision_id=open_one.info.id, at=at)
    return ContentPage(
        kind=declared,
        history=history,
        live=live,
        open=open_one,
        state=Standing((open_one or live or history[0]).standing) if history else None,
        states=_states(live, open_one),
        actions=[
            *_writing(declared, open_one, edit_href),
            *_keeping(declared, subject_id, history, live),
        ],
        lines=[
            *([findings_table(declared, found)] if found is not None else []),
            *([_side_by_side(declared, live, open_one)] if open_one is not None else []),
            versions_table(history),
        ],
        subject=(selectors.SUBJECT, piece) if piece is not None else None,
    )


def changes_table(
    declared: Revised, changes: Sequence[Change], *, old: Text, new: Text, empty: Text = ""
) -> Lines:
    """Return two contents side by side, only what differs."""
    return Lines(
        _("What changes"),
        (
            Column("path", _("Field"), value=lambda row: declared.label(row.path), name=True),
            Column("old", old, "code", value=lambda row: said(row.old)),
            Column("new", new, "code", value=lambda row: said(row.new)),
        ),
        changes,
        empty=empty or _("Nothing differs."),
    )


def findings_table(declared: Revised, findings: Sequence[Finding]) -> Lines:
    """Return what the checks found, what must be mended first."""
    order = {Level.STOP: 0, Level.ROUTE: 1, Level.NOTE: 2}
    return Lines(
        _("Findings"),
        (
            Column("level", _("Weight"), "badge", value=lambda row: Level(row.level)),
            Column("field", _("Field"), value=lambda row: declared.label(row.field)),
            Column("words", _("Finding"), value=lambda row: str(row.words)),
        ),
        sorted(findings, key=lambda each: order[Level(each.level)]),
        empty=_("The checks found nothing."),
    )


def versions_table(history: Sequence[Version]) -> Lines:
    """Return every version with who wrote it and when it was live."""
    names = identity.person_names({each.info.drafted_by for each in history} - {0})
    return Lines(
        _("Versions"),
        (
            Column("no", _("Version"), name=True, value=lambda row: version_name(row.info.no)),
            Column("standing", _("State"), "badge", value=lambda row: Standing(row.standing)),
            Column("why", _("Reason"), value=lambda row: row.info.why),
            Column(
                "by",
                _("Drafted by"),
                value=lambda row: names.get(row.info.drafted_by, gettext("taken over")),
                sub=lambda row: formats.moment(row.info.drafted_at),
            ),
            Column("live", _("Live from"), value=_lived),
            Column(
                "approval",
                _("Approval"),
                value=lambda row: gettext("Who decided") if row.info.approval_id else "",
                href=lambda row: (
                    reverse("desk:approval", args=[row.info.approval_id])
                    if row.info.approval_id
                    else ""
                ),
            ),
        ),
        history,
        empty=_("Nothing is written yet. Draft the first version."),
        anchor="versions",
    )


def content_decision(
    flow: str, *, more: Callable[[RequestInfo], Sequence[Lines]] | None = None
) -> DecisionKind:
    """Enter how a flow of versioned content is decided: what changes, why, and what `more` adds."""

    def lines(request: RequestInfo) -> Sequence[Lines]:
        return [*_asked(request), *(more(request) if more is not None else ())]

    return decision(
        DecisionKind(
            flow=flow,
            lines=lines,
            policy=_policy,
            says=(
                "kind", "subject_id", "revision", "content_hash", "changes", "changes_total",
                "parts", "former_version",
            ),
            subject_href=_subject_href,
        )
    )  # fmt: skip


def version_name(no: int) -> str:
    """Name a version."""
    return gettext("version %(no)s") % {"no": no}


def said(value: Any) -> str:
    """Write a value of content for people, cut where it would fill the page."""
    if value is None or value in ("", []):
        return _ABSENT
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, list) and all(isinstance(each, str | int) for each in value):
        value = gettext(", ").join(map(str, value))
    text = str(value) if isinstance(value, str | int) else canonical_json(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _asked(request: RequestInfo) -> Sequence[Lines]:
    content = request.content
    if "changes" not in content:
        return ()
    former = content["former_version"]
    table = changes_table(
        kind_named(content["kind"]),
        [
            Change(path=each["field"], old=each["old"], new=each["new"])
            for each in content["changes"]
        ],
        old=version_name(former) if former else _("Nothing before"),
        new=version_name(content["version"]),
    )
    try:
        found = selectors.info_of(revision_id=content["revision"])
    except errors.RevisionMissing:
        return (table,)
    return (table, findings_table(kind_named(found.kind), found.findings or ()))


def _policy(request: RequestInfo) -> Sequence[Text]:
    total = request.content.get("changes_total", 0)
    shown = len(request.content.get("changes", ()))
    words: list[Text] = []
    if total > shown:
        words.append(
            _("%(shown)s of %(total)s changes are shown; the version holds them all.")
            % {"shown": shown, "total": total}
        )
    if routed := request.figures.get("routed"):
        words.append(_("A finding calls for one more reviewer: %(codes)s")
                     % {"codes": ", ".join(routed)})  # fmt: skip
    return words


def _subject_href(request: RequestInfo) -> str:
    content = request.content
    if "kind" not in content:
        return ""
    try:
        return selectors.subject(kind=content["kind"], subject_id=content["subject_id"]).href
    except errors.RevisionMissing:
        return ""


def _lived(version: Version) -> str:
    """Write the stretches of time in which a version was, is or will be live."""
    words = []
    for span in version.spans:
        if span.until == span.since:
            words.append(gettext("called off"))
        elif span.until is None:
            words.append(gettext("from %(since)s") % {"since": formats.moment(span.since)})
        else:
            words.append(
                gettext("%(since)s to %(until)s")
                % {"since": formats.moment(span.since), "until": formats.moment(span.until)}
            )
    return gettext("; ").join(words)


def _side_by_side(declared: Revised, live: Version | None, open_one: Version) -> Lines:
    return changes_table(
        declared,
        selectors.compare(live.info.content if live else None, open_one.info.content),
        old=gettext("Live: %(version)s") % {"version": version_name(live.info.no)}
        if live
        else _("Nothing before"),
        new=version_name(open_one.info.no),
    )


def _states(live: Version | None, open_one: Version | None) -> list[StateStep]:
    if open_one is None:
        return []
    in_review = open_one.standing == Standing.SUBMITTED
    starts = open_one.info.publish_at
    return [
        StateStep(
            title=Standing.DRAFT.label,
            when="past" if in_review else "now",
            note=formats.moment(open_one.info.drafted_at),
        ),
        StateStep(title=Standing.SUBMITTED.label, when="now" if in_review else "next"),
        StateStep(
            title=Standing.LIVE.label,
            when="next",
            note=formats.moment(starts) if starts else _("at once"),
        ),
        *(
            [StateStep(title=_("replaces %(version)s") % {"version": version_name(live.info.no)},
                       when="next")]
            if live
            else []
        ),
    ]  # fmt: skip


def _keeping(
    declared: Revised, subject_id: int, history: Sequence[Version], live: Version | None
) -> list[Action]:
    made = []
    if former := [v for v in history if v.info.state == RevisionState.APPROVED and v is not live]:
        made.append(_restoring(declared, former))
    if live is not None:
        made.append(_retiring(declared, subject_id))
    return made


def _writing(declared: Revised, open_one: Version | None, edit_href: str) -> list[Action]:
    if open_one is None:
        return [
            Action(
                key="draft",
                label=_("Draft the next version"),
                href=edit_href,
                policy=declared.policy,
                is_primary=True,
            )
        ]
    info = open_one.info
    if info.state == RevisionState.SUBMITTED:
        return [
            Action(
                key="withdraw",
                label=_("Take it back"),
                run=_deed(services.withdraw, info, _("%(version)s is taken back.")),
                policy=declared.policy,
            ),
            Action(
                key="approval",
                label=_("Where the review stands"),
                href=reverse("desk:approval", args=[info.approval_id]),
            ),
        ]
    return [
        Action(
            key="submit",
            label=_("Hand in"),
            run=_deed(services.submit, info, _("%(version)s waits for a decision.")),
            policy=declared.policy,
            confirm=_("What is handed in can no longer be changed."),
            is_primary=True,
        ),
        Action(key="edit", label=_("Edit"), href=edit_href, policy=declared.policy),
        Action(
            key="discard",
            label=_("Drop the draft"),
            run=_deed(services.discard, info, _("%(version)s is dropped.")),
            policy=declared.policy,
            confirm=_("The draft is kept in the history and never goes live."),
            is_danger=True,
        ),
    ]


def _deed(service: Any, info: RevisionInfo, words: Text) -> Any:
    def run(_values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        service(revision_id=info.id, actor=actor, at=at)
        return Done(message=str(words) % {"version": version_name(info.no)})

    return run


def _restoring(declared: Revised, former: Sequence[Version]) -> Action:
    choices = [
        (str(each.info.id), f"{version_name(each.info.no)} · {each.info.why}") for each in former
    ]

    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        made = services.restore(
            revision_id=int(values["version"]), why=values["why"], actor=actor, at=at
        )
        return Done(message=gettext("%(version)s is live.") % {"version": version_name(made.no)})

    return Action(
        key="restore",
        label=_("Bring a former version back"),
        run=run,
        policy=declared.keepers,
        fields=(
            Field("version", _("Version"), "choice", choices=lambda _actor: choices),
            Field("why", _("Reason"), most=400, least=2),
        ),
        confirm=_("It is live at once, under the approval it was given."),
    )


def _retiring(declared: Revised, subject_id: int) -> Action:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        services.retire(
            kind=declared.key, subject_id=subject_id, why=values["why"], actor=actor, at=at
        )
        return Done(message=gettext("It is taken off; nothing is live."))

    return Action(
        key="retire",
        label=_("Take it off"),
        run=run,
        policy=declared.keepers,
        fields=(Field("why", _("Reason"), most=400, least=2),),
        confirm=_("Nothing of this content is live from now on."),
        is_danger=True,
    )
