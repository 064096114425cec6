"""A house with two persons in every position, on a database that really commits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyotp
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from guardian.models import UserObjectPermission

from ops.engines.approvals import services
from ops.engines.approvals.flows import Example, Flow
from ops.engines.approvals.models import Approver, Decision, Request
from ops.engines.approvals.types import RequestInfo
from ops.engines.http.middleware import open_session
from ops.engines.identity import selectors as identity
from ops.engines.identity import services as identity_services
from ops.engines.identity.choices import PositionKind, Role
from ops.engines.identity.models import Department, Position, User
from ops.engines.identity.scopes import WORK_IN, scope_kinds, scope_model
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import BUSINESS_ZONE, business_day
from tests.engines.approvals.toys import TOYS
from tests.engines.http.conftest import BACKEND
from tests.engines.identity.factories import SYSTEM, account
from tests.support import cluster

OUTSIDE_SCOPE = 999


EVENING = 18


@dataclass
class House:
    """Its people by name (`finance_manager-1`), their second factors, and a clock of its own.

    Each step of the clock is a minute, so that every one-time code is a new one.
    """

    department_id: int
    users: dict[str, User] = field(default_factory=dict)
    secrets: dict[int, str] = field(default_factory=dict)
    at: dt.datetime = field(default_factory=lambda: timezone.now() - dt.timedelta(days=200))
    subject: int = 0

    def tick(self) -> dt.datetime:
        """Let a minute pass."""
        self.at += dt.timedelta(minutes=1)
        return self.at

    def have_the_day_ahead(self) -> None:
        """Go on to the next morning in the evening: what a test does in a day ends on that day."""
        local = self.at.astimezone(BUSINESS_ZONE)
        if local.hour >= EVENING:
            morning = local.replace(hour=9, minute=0) + dt.timedelta(days=1)
            self.at = morning.astimezone(dt.UTC)

    def person(self, person_id: int) -> User:
        """Return the account of a person."""
        return next(user for user in self.users.values() if user.person_id == person_id)

    def actor(self, user: User, *, at: dt.datetime | None = None) -> Actor:
        """Return who an account is."""
        fresh = User.objects.select_related("person").get(pk=user.pk)
        return identity.actor_for(fresh, at=at or self.at)

    def code(self, user: User, *, at: dt.datetime | None = None) -> str:
        """Return a code of the user's app that was not used yet."""
        otp = pyotp.TOTP(self.secrets[user.pk])
        moment = int((at or self.at).timestamp()) // 30
        last = User.objects.values_list("totp_last_counter", flat=True).get(pk=user.pk)
        return otp.generate_otp(max(moment - 1, min(last + 1, moment + 1)))

    def requester(self, flow: Flow) -> User:
        """Return the first person who may hand a flow in."""
        role = min(flow.requester)
        return self.users["editor-1" if role == Role.ALL_STAFF else f"{role}-1"]

    def scope_ids(self, flow: Flow) -> Mapping[str, int]:
        """Return the scope everybody of the house works in."""
        if flow.scope is None:
            return {}
        return {flow.scope: self.department_id if flow.scope == "department" else 1}

    def submit(
        self, flow: Flow, example: Example, *, user: User | None = None, **changes: Any
    ) -> RequestInfo:
        """Hand an example in, about a subject of its own unless one is given."""
        at, asker = self.tick(), user or self.requester(flow)
        self.subject += 1
        given: dict[str, Any] = {
            "subject": ("house.thing", self.subject),
            "number": f"H-{self.subject}",
            "title": "As its example says",
            "content": example.content,
            "figures": example.figures,
            "scope_ids": self.scope_ids(flow),
            "department_id": self.department_id,
            "code": self.code(asker) if flow.step_up else "",
            "actor": self.actor(asker),
            "at": at,
            **changes,
        }
        return services.submit(flow=flow.key, **given)

    def decider(self, request_id: int, *, last: bool = False) -> User:
        """Return one of those named for the step that is waited for, who decided nothing yet."""
        row = Request.objects.get(pk=request_id)
        decided = Decision.objects.filter(request=row).values("decider_person_id")
        named = Approver.objects.filter(request=row, step=row.step).exclude(person_id__in=decided)
        found = named.order_by("level", "-pk" if last else "pk").first()
        assert found is not None
        return self.person(found.person_id)

    def approve(self, request_id: int, *, user: User | None = None, **changes: Any) -> RequestInfo:
        """Let somebody who may decide the waiting step, with a code where one is asked for."""
        at, decider = self.tick(), user or self.decider(request_id)
        row = Request.objects.get(pk=request_id)
        proved = row.steps[row.step]["step_up"]
        given: dict[str, Any] = {
            "content_hash": row.content_hash,
            "opinion": "seen",
            "code": self.code(decider) if "code" not in changes and proved else "",
            "actor": self.actor(decider),
            "at": at,
            **changes,
        }
        return services.approve(request_id=request_id, **given)

    def approve_all(self, request_id: int) -> RequestInfo:
        """Let the steps be decided until the request is closed."""
        done = self.approve(request_id)
        while done.closed_at is None:
            done = self.approve(request_id)
        return done

    def deputy(self, role: str, *, of: int) -> User:
        """Let a new person stand in for somebody in a position, on this day alone."""
        user = account(f"deputy-{len(self.users)}", department_id=None)
        day = business_day(self.at)
        identity_services.assign(
            person_id=user.person_id,
            role=role,
            first=day,
            last=day,
            department_id=self.department_id,
            deputy_for=of,
            actor=SYSTEM,
            at=self.at,
        )
        enrolled = identity_services.enrol_totp(
            user_id=user.pk, actor=SYSTEM, at=self.at, trusted=True
        )
        self.users[user.username] = user
        self.secrets[user.pk] = enrolled.secret
        let_in([user], department_id=self.department_id)
        return user

    def next_day(self) -> None:
        """Let the deputies' day pass."""
        self.at += dt.timedelta(days=1)


def browser_of(user: User) -> Client:
    """Return a browser signed in as an account, its clocks started now."""
    client = Client(raise_request_exception=False)
    client.force_login(user, backend=BACKEND)
    request = HttpRequest()
    request.session = client.session
    open_session(request, must_enrol=False, at=timezone.now())
    request.session.save()
    return client


@contextmanager
def built() -> Iterator[House]:
    """Build the house on a database of its own and leave it when the block ends."""
    usual = connections.settings["default"]["NAME"]
    name = cluster.fresh_name()
    cluster.create(name, cluster.template())
    cluster.point_to(name)
    try:
        ask_for_proof(name)
        yield _peopled()
    finally:
        cluster.point_to(usual)
        cluster.drop(name)


def ask_for_proof(database: str) -> None:
    """Enter the step-up rules of the toy flows, as a migration of an app would."""
    link = cluster.connect(database)
    with link.cursor() as cursor:
        for flow in TOYS:
            if flow.step_up:
                cursor.execute(
                    "INSERT INTO approvals_stepuprule (flow, on_request, on_decision)"
                    " VALUES (%s, true, true)",
                    [flow.key],
                )
    link.close()


def _peopled() -> House:
    department = Department.objects.create(code="house", name="house")
    house = House(department_id=department.pk)
    staff = Position.objects.filter(kind=PositionKind.STAFF).values_list("key", flat=True)
    for role in sorted(set(staff) - {Role.ALL_STAFF}):
        for number in (1, 2):
            name = f"{role}-{number}"
            user = account(name, role, department_id=department.pk)
            house.users[name] = user
            enrolled = identity_services.enrol_totp(
                user_id=user.pk, actor=SYSTEM, at=house.at, trusted=True
            )
            house.secrets[user.pk] = enrolled.secret
    let_in(list(house.users.values()), department_id=house.department_id)
    return house


def let_in(users: Sequence[User], *, department_id: int) -> None:
    """Let people work in object 1 of every kind, and in the house's own department."""
    for kind in scope_kinds():
        content_type = ContentType.objects.get_for_model(scope_model(kind))
        permission = Permission.objects.get(content_type=content_type, codename=WORK_IN)
        place = department_id if kind == "department" else 1
        UserObjectPermission.objects.bulk_create(
            UserObjectPermission(
                user=user,
                permission=permission,
                content_type=content_type,
                object_pk=str(place),
            )
            for user in users
        )
