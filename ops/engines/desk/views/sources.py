"""Outside sources: what is owed and what came, sending a file, opening and changing a source."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops.engines.desk import scopes
from ops.engines.desk.cells import Column, Lines
from ops.engines.desk.fields import Field, Group
from ops.engines.desk.filters import Filter
from ops.engines.desk.formats import moment
from ops.engines.desk.forms import FormScreen
from ops.engines.desk.keyset import ListPage
from ops.engines.desk.lists import ListQuery, ListScreen, New
from ops.engines.desk.records import Action, Done, Fact, FactGroup, Record, RecordScreen, Related
from ops.engines.desk.states import Tone, register_states
from ops.engines.desk.words import role_name
from ops.engines.identity.choices import Role
from ops.engines.identity.scopes import scope_kinds
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.sources import selectors, services
from ops.engines.sources.choices import FileState, Rhythm, Weekday
from ops.engines.sources.feeds import feed_named, feeds
from ops.engines.sources.models import SentFile, Source
from ops.engines.sources.policies import KEEP
from ops.engines.sources.services.keeping import SUBJECT
from ops.engines.sources.types import Terms

_SHOWN_FILES: Final = 50
_OWNERS: Final = (
    Role.DATA_ANALYST,
    Role.OPERATIONS_SPECIALIST,
    Role.OPERATIONS_SUPERVISOR,
    Role.OPERATIONS_MANAGER,
    Role.EDITOR,
    Role.WEB_EDITING_SUPERVISOR,
    Role.INFORMATION_SUPERVISOR,
)

register_states(
    {
        FileState.WAITING: Tone.WAITING,
        FileState.TAKEN: Tone.DONE,
        FileState.KNOWN: Tone.NEUTRAL,
        FileState.REFUSED: Tone.STOPPED,
        FileState.FAILED: Tone.STOPPED,
    }
)


def _profiles(actor: Actor) -> list[tuple[str, Any]]:
    return [(each.profile, each.title) for each in feeds().values() if each.readers.allows(actor)]


def _places(actor: Actor) -> list[tuple[str, str]]:
    """Return the objects figures may be about, as "kind:code", of the kinds that feeds ask for."""
    wanted = {each.readers.objects for each in feeds().values() if each.entry.scope is not None}
    return [
        (f"{kind}:{code}", name)
        for kind in scope_kinds()
        if kind in wanted
        for _title, choices in [scopes.codes(actor=actor, kind=kind)]
        for code, name in choices
    ]


def _owed(row: Source) -> str:
    words = {"time": f"{row.hour:02}:00", "day": Weekday(row.weekday).label}
    if row.rhythm == Rhythm.DAILY:
        return _("every working day until %(time)s") % words
    return _("every %(day)s until %(time)s; after a holiday on the next working day") % words


def _feed_title(profile: str) -> Any:
    found = feeds().get(profile)
    return found.title if found else profile


class SourceList(ListScreen):
    """`/outside-sources/`: who brings which figures, when they are owed, when the newest came."""

    policy = SIGNED_IN
    title = gettext_lazy("Outside sources")
    nav = "sources"
    row_url = "desk:source"
    columns = (
        Column("title", gettext_lazy("Source"), name=True, sub=lambda row: row.code),
        Column("profile", gettext_lazy("Figures"), value=lambda row: _feed_title(row.profile)),
        Column("place", gettext_lazy("Belongs to"), "code",
               value=lambda row: ", ".join(map(str, row.options.values()))),
        Column("owed", gettext_lazy("Owed"), value=_owed),
        Column("owner", gettext_lazy("Answers for it"), value=lambda row: role_name(row.owner)),
        Column("last_at", gettext_lazy("Newest figures"), "moment"),
        Column("waiting", gettext_lazy("Files waiting"), "number"),
        Column(
            "closed_at",
            gettext_lazy("State"),
            value=lambda row: _("closed") if row.closed_at else _("open"),
        ),
    )  # fmt: skip
    filters = (Filter("profile", gettext_lazy("Figures"), choices=_profiles),)
    order = "id"
    new = New(gettext_lazy("Open a source"), "desk:source_new", KEEP)
    empty = gettext_lazy(
        "No source yet. Open one: it says which figures are owed, and where files are sent."
    )
    empty_href = "/outside-sources/new/"
    empty_label = gettext_lazy("Open a source")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the sources whose figures the actor may see."""
        found = query.narrow(selectors.sources(actor=actor), "profile")
        return query.page(found, orders={"id": "id"})


class SourceScreen(RecordScreen):
    """`/outside-sources/<id>/`: what is owed, what is late, every file and what it brought."""

    policy = SIGNED_IN
    title = gettext_lazy("Outside source")
    nav = "sources"
    list_url_name = "desk:sources"
    list_title = gettext_lazy("Outside sources")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the source; raises SourceMissing."""
        row = selectors.source(source_id=key["source_id"], actor=actor)
        sent = selectors.files(actor=actor).filter(source=row.pk)[:_SHOWN_FILES]
        late = selectors.late_since(row, last_at=row.last_at, calendar=selectors.calendar(), at=at)
        feed = feeds().get(row.profile)
        return Record(
            number=row.title,
            actions=_actions(row),
            notices=_notices(row, late),
            facts=[_facts(row, actor)],
            lines=[_files(list(sent))],
            related=[Related(title=gettext_lazy("Imports"), href=reverse("desk:imports"))],
            clauses=feed.clauses if feed else (),
            subject=(SUBJECT, row.pk),
        )


class SourceForm(FormScreen):
    """`/outside-sources/new/` and `/outside-sources/<id>/edit/`: what is owed, on what terms."""

    policy = KEEP
    title = gettext_lazy("Outside source")
    nav = "sources"

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return the terms; what a source is about is said once, when it is opened."""
        terms = Group(gettext_lazy("When figures are owed, and by whom"), _TERMS)
        if "source_id" in key:
            return [terms]
        about = Group(
            gettext_lazy("What the source brings"),
            (
                Field("code", gettext_lazy("Code"), "code", most=40,
                      hint=gettext_lazy("Lower-case letters, digits, hyphens: tmall-ranks")),
                Field("profile", gettext_lazy("Figures"), "choice", choices=_profiles),
                Field("place", gettext_lazy("Belongs to"), "choice", choices=_places,
                      required=False,
                      hint=gettext_lazy("The shop the figures belong to, if they belong to one.")),
            ),
        )  # fmt: skip
        return [about, terms]

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Show the terms as they stand; raises SourceMissing."""
        if "source_id" not in key:
            return {"rhythm": Rhythm.WEEKLY, "weekday": "1", "hour": 9}
        row = selectors.source(source_id=key["source_id"], actor=actor)
        return {name: getattr(row, name) for name in _NAMES}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Open or change it through the service."""
        terms = Terms(
            title=values["title"],
            rhythm=values["rhythm"],
            weekday=int(values["weekday"]),
            hour=values["hour"],
            owner=values["owner"],
            licence=values["licence"] or "",
        )
        if "source_id" in key:
            made = services.change_terms(
                source_id=key["source_id"], terms=terms, actor=actor, at=at
            )
        else:
            made = services.open_source(
                code=values["code"],
                profile=values["profile"],
                place=values["place"] or "",
                terms=terms,
                actor=actor,
                at=at,
            )
        return Done(
            message=_("The source is kept: %(code)s.") % {"code": made.code},
            href=reverse("desk:source", args=[made.id]),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the source, or to the list."""
        if "source_id" in key:
            return reverse("desk:source", args=[key["source_id"]])
        return reverse("desk:sources")


_TERMS: Final = (
    Field("title", gettext_lazy("Name"), most=80, least=1),
    Field("rhythm", gettext_lazy("How often"), "choice", choices=Rhythm.choices),
    Field("weekday", gettext_lazy("Weekday"), "choice",
          choices=[(str(value), label) for value, label in Weekday.choices],
          hint=gettext_lazy("Counts for weekly figures only.")),
    Field("hour", gettext_lazy("Until which hour"), "quantity",
          hint=gettext_lazy("0 to 23, Beijing time. Files are read every hour.")),
    Field("owner", gettext_lazy("Answers for it"), "choice",
          choices=lambda _actor: [(str(role), role_name(role)) for role in _OWNERS]),
    Field("licence", gettext_lazy("Licence note"), "lines", required=False, most=400,
          hint=gettext_lazy("From whom the figures come and on what terms they may be used.")),
)  # fmt: skip
_NAMES: Final = tuple(field.key for field in _TERMS)


def _notices(row: Source, late: dt.datetime | None) -> list[tuple[str, str]]:
    if row.closed_at is not None:
        return [("info", _("This source is closed."))]
    if late is None:
        return []
    return [("warning", _("Figures were owed on %(at)s and have not come.") % {"at": moment(late)})]


def _facts(row: Any, actor: Actor) -> FactGroup:
    place = scopes.names(actor=actor, kind=row.scope_kind).get(row.scope_id) if row.scope_id else ""
    return FactGroup(
        title=gettext_lazy("Source"),
        facts=[
            Fact(title=gettext_lazy("Figures"), value=_feed_title(row.profile)),
            Fact(title=gettext_lazy("Code"), value=row.code, kind="code"),
            Fact(title=gettext_lazy("Belongs to"), value=place),
            Fact(title=gettext_lazy("Owed"), value=_owed(row)),
            Fact(title=gettext_lazy("Answers for it"), value=role_name(row.owner)),
            Fact(title=gettext_lazy("Newest figures"), value=row.last_at, kind="moment"),
            Fact(title=gettext_lazy("Opened at"), value=row.opened_at, kind="moment"),
            Fact(title=gettext_lazy("Licence note"), value=row.licence, is_wide=True),
        ],
    )


def _files(rows: Sequence[SentFile]) -> Lines:
    def import_of(row: SentFile) -> str:
        return reverse("desk:import", args=[row.batch_id]) if row.batch_id else ""

    return Lines(
        gettext_lazy("Files and what they brought"),
        (
            Column("file_name", gettext_lazy("File"), "code"),
            Column("state", gettext_lazy("State"), "badge", value=lambda row: FileState(row.state),
                   sub=lambda row: row.message),
            Column("batch", gettext_lazy("Import"), "code", href=import_of,
                   value=lambda row: f"{_('Import')} {row.batch}" if row.batch else ""),
            Column("rows", gettext_lazy("Rows"), "number",
                   value=lambda row: row.batch.rows_read if row.batch else None),
            Column("accepted", gettext_lazy("New"), "number",
                   value=lambda row: row.batch.accepted if row.batch else None),
            Column("rejected", gettext_lazy("Rejected"), "number",
                   value=lambda row: row.batch.rejected if row.batch else None),
            Column("sent_at", gettext_lazy("Sent at"), "moment", sub=lambda row: row.sent_name),
            Column("sha256", "SHA-256", "code", value=lambda row: row.sha256[:8]),
        ),
        rows,
        empty=gettext_lazy("No file yet. Send one here or through the API; it is read hourly."),
    )  # fmt: skip


def _actions(row: Source) -> list[Action]:
    shut = gettext_lazy("This source is closed.") if row.closed_at is not None else ""

    def send(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        return _sent(row.pk, values["file"], actor, at)

    def close(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        services.close_source(source_id=row.pk, reason=values["reason"], actor=actor, at=at)
        return Done(message=_("The source is closed; what came stays."))

    return [
        Action(
            key="send",
            label=gettext_lazy("Send a file"),
            run=send,
            policy=feed_named(row.profile).entry.policy if row.profile in feeds() else KEEP,
            why_not=shut,
            fields=(Field("file", gettext_lazy("File"), "file", accept=".csv,.xlsx,.gz"),),
            is_primary=True,
        ),
        Action(
            key="edit",
            label=gettext_lazy("Edit"),
            href=reverse("desk:source_edit", args=[row.pk]),
            policy=KEEP,
            why_not=shut,
        ),
        Action(
            key="close",
            label=gettext_lazy("Close the source"),
            run=close,
            policy=KEEP,
            why_not=shut,
            fields=(Field("reason", gettext_lazy("Reason"), least=2),),
            confirm=gettext_lazy("It takes no files and owes no figures any more."),
            is_danger=True,
        ),
    ]


def _sent(source_id: int, upload: UploadedFile[Any], actor: Actor, at: dt.datetime) -> Done:
    with tempfile.NamedTemporaryFile(prefix="guifan-upload-") as kept:
        for chunk in upload.chunks():
            kept.write(chunk)
        kept.flush()
        made = services.send_file(
            source_id=source_id, path=Path(kept.name), name=str(upload.name), actor=actor, at=at
        )
    if made.known:
        return Done(message=_("These very rows were sent before; nothing new lies here."))
    return Done(message=_("The file lies here and is read within the hour."))
