"""One suite for every declared kind of content: a new declaration is picked up by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from ops.engines.approvals import services as approvals
from ops.engines.approvals.flows import flow_named
from ops.engines.approvals.models import Request
from ops.engines.identity import selectors as identity
from ops.engines.identity import services as identity_services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.errors import BadInput, Forbidden
from ops.engines.revisions import declarations, errors, selectors, services
from ops.engines.revisions.declarations import Revised, kind_named
from ops.engines.revisions.models import Kind, Publication, Revision
from ops.engines.revisions.types import RevisionInfo
from tests.engines.identity.factories import AT, SYSTEM, account
from tests.engines.revisions import toys
from tests.engines.revisions.stands import STANDS, Stand
from tests.engines.revisions.toys import refused_by, run

KEYS = sorted({*declarations.kinds(), toys.KIND})
LATER = AT + timedelta(hours=1)


@dataclass
class House:
    """One kind with its subject and people, one account a position."""

    kind: Revised
    stand: Stand
    users: dict[str, User]

    def actor(self, role: str) -> Actor:
        """Return who holds a position; the account is made, and let in, when first needed."""
        if role not in self.users:
            user = account(f"conformance-{role}", role)
            scope = self.scope_id
            if self.kind.scope and scope is not None:
                identity_services.grant_scope(
                    user_id=user.pk,
                    kind=self.kind.scope,
                    object_id=scope,
                    actor=SYSTEM,
                    at=AT,
                )
            self.users[role] = user
        user = User.objects.select_related("person").get(pk=self.users[role].pk)
        return identity.actor_for(user, at=AT)

    @property
    def scope_id(self) -> int | None:
        """Return where the subject is."""
        return self.kind.subjects([self.stand.subject_id])[self.stand.subject_id].scope_id

    @property
    def drafter(self) -> Actor:
        """Return somebody who may draft and hand in."""
        asked = flow_named(self.kind.flow).requester
        role = self.stand.role or min(asked & (self.kind.policy.roles or asked))
        actor = self.actor(role)
        self.stand.ready(actor.user_id or 0)
        return actor

    def draft(self, content: Mapping[str, Any]) -> RevisionInfo:
        """Draft a version."""
        return services.draft(
            kind=self.kind.key,
            subject_id=self.stand.subject_id,
            content=content,
            why="conformance",
            actor=self.drafter,
            at=AT,
        )

    def submitted(self, content: Mapping[str, Any]) -> RevisionInfo:
        """Draft a version and hand it in."""
        made = self.draft(content)
        self.stand.before(made, self.drafter)
        return services.submit(revision_id=made.id, actor=self.drafter, at=AT)

    def published(self, content: Mapping[str, Any]) -> RevisionInfo:
        """Draft, hand in, and let every step be decided by its own position."""
        made = self.submitted(content)
        while (request := toys.asked(made)).state == "submitted":
            self.approve(request)
        return made

    def approve(self, request: Request) -> None:
        """Let the step that waits be decided."""
        approvals.approve(
            request_id=request.pk,
            content_hash=request.content_hash,
            actor=self.actor(request.steps[request.step]["role"]),
            at=AT,
        )

    def live(self) -> int | None:
        """Return the number of the version that is live."""
        found = selectors.live(
            kind=self.kind.key, subject_ids=[self.stand.subject_id], at=AT + timedelta(days=1)
        )
        return found[self.stand.subject_id].no if found else None


@pytest.fixture(name="house", params=KEYS)
def fixture_house(request: pytest.FixtureRequest, db: None) -> House:
    kind = kind_named(request.param)
    assert kind.key in STANDS, "say in stands.py what this kind is tried with"
    house = House(kind, STANDS[kind.key](), {})
    for step in flow_named(kind.flow).steps:
        house.actor(step.role)
    return house


def test_the_database_knows_its_flow(house: House) -> None:
    flow = flow_named(house.kind.flow)

    assert Kind.objects.get(pk=house.kind.key).flow == flow.key
    assert flow.guards == "revisions_publication"
    assert flow.scope == (house.kind.scope or None)


def test_it_is_read_into_one_form(house: House) -> None:
    once = plain(house.kind.read(house.stand.content))

    assert plain(house.kind.read(once)) == once
    assert plain(house.kind.read(house.stand.changed)) != once
    with pytest.raises(BadInput) as refusal:
        house.kind.read({**house.stand.content, "no_such_field": 1})
    assert refusal.value.context["field"] == "no_such_field"


def test_every_field_belongs_to_one_part(house: House) -> None:
    fields = sorted(house.kind.read(house.stand.content))
    named = sorted(field for part in house.kind.parts.values() for field in part)

    assert named == fields


def test_it_goes_its_way_and_back_in_one_step(house: House) -> None:
    first = house.published(house.stand.content)
    assert house.live() == 1
    second = house.submitted(house.stand.changed)
    assert house.live() == 1
    while (request := toys.asked(second)).state == "submitted":
        house.approve(request)
    assert house.live() == 2

    role = min(house.kind.keepers.roles or {Role.OPERATIONS_SUPERVISOR})
    services.restore(revision_id=first.id, why="back", actor=house.actor(role), at=LATER)

    assert house.live() == 1
    newest = Publication.objects.order_by("-pk")[0]
    assert (newest.revision_id, newest.approval_id) == (first.id, first.approval_id)


def test_nothing_of_it_lives_unapproved(house: House) -> None:
    made = house.submitted(house.stand.content)

    with refused_by("publication_needs_approval"):
        run(
            "INSERT INTO revisions_publication"
            " (piece_id, revision_id, approval_id, how, since, during, why, ended_why)"
            " SELECT piece_id, id, approval_id, 'published', %s, tstzrange(%s, NULL), '', ''"
            " FROM revisions_revision WHERE id = %s",
            LATER,
            LATER,
            made.id,
        )
    with pytest.raises(errors.NeverApproved):
        services.restore(
            revision_id=made.id,
            why="x",
            actor=house.actor(min(house.kind.keepers.roles or {Role.OPERATIONS_SUPERVISOR})),
            at=LATER,
        )

    assert house.live() is None


def test_strangers_do_not_write_it(house: House) -> None:
    keeper = house.actor(Role.WAREHOUSE_KEEPER)

    with pytest.raises((Forbidden, errors.RevisionMissing)):
        services.draft(
            kind=house.kind.key,
            subject_id=house.stand.subject_id,
            content=house.stand.content,
            why="x",
            actor=keeper,
            at=AT,
        )

    assert Revision.objects.filter(piece__kind=house.kind.key).count() == 0
