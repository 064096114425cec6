"""A toy kind of content about departments: nothing of a shop, all of a revision."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from ops.engines.approvals import flows
from ops.engines.approvals import services as approvals
from ops.engines.approvals.flows import Flow, Step
from ops.engines.approvals.models import Request
from ops.engines.identity import selectors as identity
from ops.engines.identity import services as identity_services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import Department, User
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, Forbidden
from ops.engines.kernel.policy import may
from ops.engines.revisions import declarations, services
from ops.engines.revisions.choices import Level
from ops.engines.revisions.declarations import revised, touches
from ops.engines.revisions.types import Finding, LiveChange, RevisionInfo, Subject, Wish
from tests.engines.identity import factories
from tests.engines.identity.factories import account
from tests.support import cluster

KIND = "toy.notice"
FLOW = "toy_notice"
AT = factories.AT
LATER = AT + timedelta(hours=1)
MUCH_LATER = AT + timedelta(days=3)
IMPORTER = Actor.importer("tests")
HELLO: Mapping[str, Any] = {"title": "Hello", "texts": ["One"], "picture": "a.png"}
CHANGED: Mapping[str, Any] = {**HELLO, "title": "Good day"}

_ACCEPTS = """
CREATE OR REPLACE FUNCTION toy_notice_accepts(content jsonb, subject bigint, at timestamptz)
RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN content ->> 'picture' = 'unknown.png' THEN 'there is no such picture' END
$$;
INSERT INTO revisions_kind (key, flow, accepts) VALUES (%s, %s, 'toy_notice_accepts')
ON CONFLICT DO NOTHING
"""
_GONE = """
DELETE FROM revisions_kind WHERE key = %s;
DROP FUNCTION IF EXISTS toy_notice_accepts(jsonb, bigint, timestamptz)
"""


@dataclass
class Memory:
    """What the toy's hooks were told, and what they shall answer."""

    live: list[LiveChange] = field(default_factory=list)
    writers: set[int] | None = None
    forbidden: str = "badword"


MEMORY = Memory()


def read(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read a notice; raises BadInput by field."""
    for name in sent:
        if name not in {"title", "texts", "picture"}:
            raise BadInput("input.unknown_field", "unknown", field=name)
    try:
        title = parse.text(sent.get("title"), most=40, least=1)
    except BadInput as error:
        raise BadInput(error.code, error.message, field="title") from error
    return {
        "title": title,
        "texts": [str(each) for each in sent.get("texts", ())],
        "picture": sent.get("picture", ""),
    }


def words(content: Mapping[str, Any], subject: Subject, at: datetime) -> Sequence[Finding]:
    """Find the forbidden word, and remark on a missing picture."""
    del subject, at
    found = []
    if MEMORY.forbidden in content["title"]:
        found.append(Finding(field="title", code="toy.word", words="a forbidden word"))
    if not content["picture"]:
        found.append(
            Finding(field="picture", code="toy.bare", words="no picture", level=Level.NOTE)
        )
    if "cure" in content["title"]:
        found.append(Finding(field="title", code="toy.claim", words="a claim", level=Level.ROUTE))
    return found


def pictures(content: Mapping[str, Any], subject: Subject, at: datetime) -> Sequence[Finding]:
    """Refuse to bring back what has no picture."""
    del subject, at
    lacking = Finding(field="picture", code="toy.bare", words="no picture")
    return [] if content["picture"] else [lacking]


def subjects(ids: Collection[int]) -> Mapping[int, Subject]:
    """Return the departments."""
    found = Department.objects.filter(pk__in=ids)
    return {row.pk: Subject(id=row.pk, title=row.name, scope_id=row.pk) for row in found}


def visible(actor: Actor) -> Any:
    """Return the departments an actor may look into."""
    return actor.scope_ids("department", "catalog")


def may_edit(wishes: Sequence[Wish], actor: Actor, at: datetime) -> None:
    """Let only the named persons write."""
    del wishes, at
    if MEMORY.writers is not None and actor.person_id not in MEMORY.writers:
        raise Forbidden("toy.not_assigned", "not your task")


def on_live(change: LiveChange, actor: Actor, at: datetime) -> None:
    """Remember."""
    del actor, at
    MEMORY.live.append(change)


@contextmanager
def declared() -> Iterator[None]:
    """Declare the toy while the block runs."""
    tables: list[dict[str, Any]] = [declarations._kinds, flows._flows]
    kept = [dict(table) for table in tables]
    flows.register(
        Flow(
            FLOW,
            title="Toy notice",
            requester=frozenset({Role.OPERATIONS_SPECIALIST, Role.EDITOR}),
            steps=(
                Step(Role.WEB_EDITING_SUPERVISOR, when=touches("words")),
                Step(Role.OPERATIONS_SUPERVISOR),
            ),
            area="catalog",
            scope="department",
            effect=services.publish,
            on_return=services.take_back,
            on_void=services.give_way,
            guards="revisions_publication",
        )
    )
    revised(
        KIND,
        title="Toy notice",
        flow=FLOW,
        area="catalog",
        scope="department",
        subject_type="identity.department",
        subjects=subjects,
        visible=visible,
        read=read,
        policy=may("catalog", "C", Role.OPERATIONS_SPECIALIST, Role.EDITOR),
        checks=(words,),
        restore_checks=(pictures,),
        parts={"words": ("title", "texts"), "look": ("picture",)},
        may_edit=may_edit,
        on_live=on_live,
        labels={"title": "Title"},
    )
    try:
        yield
    finally:
        for each, held in zip(tables, kept, strict=True):
            each.clear()
            each.update(held)


def enter() -> None:
    """Tell the database of the toy, as a migration would."""
    _as_owner(_ACCEPTS, KIND, FLOW)


def leave() -> None:
    """Let the database forget it."""
    _as_owner(_GONE, KIND)


@dataclass
class Team:
    """People by what they do, in one of two departments."""

    specialist: User
    editor: User
    web: User
    supervisor: User
    outsider: User
    here: Department
    there: Department

    def actor(self, name: str, *, at: datetime = AT) -> Actor:
        """Return who acts."""
        return identity.actor_for(
            User.objects.select_related("person").get(pk=getattr(self, name).pk), at=at
        )


def team() -> Team:
    """Make the people; the specialist works here, the outsider there."""
    here = Department.objects.create(code="HZ", name="杭州")
    there = Department.objects.create(code="SH", name="上海")
    made = Team(
        specialist=account("specialist", Role.OPERATIONS_SPECIALIST),
        editor=account("editor", Role.EDITOR),
        web=account("web", Role.WEB_EDITING_SUPERVISOR),
        supervisor=account("supervisor", Role.OPERATIONS_SUPERVISOR),
        outsider=account("outsider", Role.OPERATIONS_SPECIALIST),
        here=here,
        there=there,
    )
    for user, place in ((made.specialist, here), (made.editor, here), (made.outsider, there)):
        identity_services.grant_scope(
            user_id=user.pk,
            kind="department",
            object_id=place.pk,
            actor=factories.SYSTEM,
            at=AT,
        )
    return made


def draft(
    people: Team, content: Mapping[str, Any] = HELLO, *, name: str = "specialist", **more: Any
) -> RevisionInfo:
    """Draft a version of the notice of the people's department."""
    given: dict[str, Any] = {"why": "because", "at": AT} | more
    return services.draft(
        kind=KIND,
        subject_id=people.here.pk,
        content=content,
        actor=people.actor(name),
        **given,
    )


def submitted(
    people: Team, content: Mapping[str, Any] = HELLO, *, at: datetime = AT, **more: Any
) -> RevisionInfo:
    """Draft a version and hand it in."""
    made = draft(people, content, at=at, **more)
    return services.submit(revision_id=made.id, actor=people.actor("specialist"), at=at)


def asked(made: RevisionInfo) -> Request:
    """Return the request of a version that was handed in."""
    return Request.objects.get(pk=made.approval_id or 0)


def decide(people: Team, made: RevisionInfo, *, at: datetime = AT) -> None:
    """Approve every step that is left."""
    while True:
        request = asked(made)
        if request.state != "submitted":
            return
        role = request.steps[request.step]["role"]
        name = "web" if role == Role.WEB_EDITING_SUPERVISOR else "supervisor"
        approvals.approve(
            request_id=request.pk,
            content_hash=request.content_hash,
            actor=people.actor(name, at=at),
            at=at,
        )


def published(
    people: Team, content: Mapping[str, Any] = HELLO, *, at: datetime = AT, **more: Any
) -> RevisionInfo:
    """Draft, hand in and approve a version."""
    made = submitted(people, content, at=at, **more)
    decide(people, made, at=at)
    return made


@contextmanager
def refused_by(rule: str) -> Iterator[None]:
    """Assert that the database refuses by a named rule."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    assert caught.value.__cause__ is not None
    assert caught.value.__cause__.diag.constraint_name == rule  # type: ignore[attr-defined]


def run(statement: str, *values: Any) -> None:
    """Run a statement past every service."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _as_owner(statement: str, *values: Any) -> None:
    link = cluster.connect(connections.settings["default"]["NAME"])
    with link.cursor() as cursor:
        cursor.execute(statement, values)
    link.close()
