"""An own shop with its people, and contents of every kind of page."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.models import Channel, ShopPage, TradeStep
from catalog.services import channels
from catalog.services import pages as services
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.identity import selectors as identity
from ops.engines.identity import services as identity_services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.revisions import services as revisions
from ops.engines.revisions.types import RevisionInfo
from tests.catalog.produced import granted
from tests.engines.identity.factories import AT, SYSTEM, account

PLAN: Mapping[str, Any] = {
    "position": "Everyday cashmere",
    "audience": "Women of 25 to 40 in large cities",
    "price_low": "99.00",
    "price_high": "399.00",
    "style": "Warm greys, one accent, much white",
    "demand": [{"finding": "Searches for cashmere rose by 18 %", "source": "Trend report"}],
}
BANNER: Mapping[str, Any] = {
    "title": "Banner",
    "owner": "designer",
    "fields": [
        {"key": "headline", "title": "Headline", "kind": "text", "required": True, "most": 30},
        {"key": "picture", "title": "Picture", "kind": "image", "width": 720, "height": 360},
        {"key": "goods", "title": "Goods", "kind": "goods", "most": 4},
        {"key": "more", "title": "Link", "kind": "link"},
    ],
}
CHECKLIST: Mapping[str, str] = {
    "navigation": "yes",
    "steps": "4",
    "load": "1.8",
    "layout": "yes",
    "type": "yes",
    "targets": "yes",
    "words": "yes",
    "search": "yes",
}
GUIDANCE: Mapping[str, Any] = {"title": "Pay", "text": "Pay within 24 hours.", "link": ""}
SLOTS: Mapping[str, Any] = {
    "title": "Autumn window",
    "window_days": 30,
    "slots": [
        {
            "key": "hero",
            "title": "Hero",
            "place": 1,
            "size": "key",
            "rule": "popularity",
            "category": "",
            "promotion": "",
            "pinned": "",
            "since": "",
            "until": "",
        }
    ],
}
OF_MARKET: Mapping[str, Any] = {
    "title": "Pay",
    "text": "",
    "link": "https://market.example/help/pay",
}


def design(**values: Any) -> dict[str, Any]:
    """Return the design of a page with one banner."""
    return {
        "title": "Autumn",
        "plan": 1,
        "modules": [
            {
                "key": "top",
                "module": "banner",
                "version": 1,
                "values": {"headline": "Warm days", **values},
            }
        ],
        "checklist": dict(CHECKLIST),
    }


def own_channel(code: str = "own") -> int:
    """Make a shop of our own; it is shut."""
    made = channels.create_channel(
        code=code, name="自营商城", platform="own", is_own=True, actor=SYSTEM, at=AT
    )
    return made.id


def module(code: str) -> int:
    """Name a module type."""
    return services.name_module(code=code, actor=SYSTEM, at=AT)


def look_at(made: RevisionInfo, actor: Actor, at: datetime = AT) -> None:
    """Hand screenshots of a version in, as a device showed it."""
    for width in (360, 768):
        services.hand_in_preview(
            revision_id=made.id, width=width, data=png(width, made.no), actor=actor, at=at
        )


def png(width: int, mark: int = 0) -> bytes:
    """Return the smallest picture of a width; another mark makes other bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", width, 2, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([mark % 256]) * width) * 2
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@dataclass
class House:
    """An own channel and who works on its pages."""

    channel_id: int
    users: dict[str, User] = field(default_factory=dict)

    def actor(self, role: str, *, at: datetime = AT) -> Actor:
        """Return who holds a position, working in the channel; made when first needed."""
        if role not in self.users:
            user = account(f"pages-{role}", role)
            self.let_in(role, user)
        user = User.objects.select_related("person").get(pk=self.users[role].pk)
        return identity.actor_for(user, at=at)

    def let_in(self, role: str, user: User) -> None:
        """Let an account work in the channel in a position it holds."""
        identity_services.grant_scope(
            user_id=user.pk, kind="channel", object_id=self.channel_id, actor=SYSTEM, at=AT
        )
        self.users[role] = user

    def task(self, role: str, kind: str, about: str, about_id: int) -> None:
        """Let who holds a position work on something by a content task."""
        self.actor(role)
        granted(self.users[role].pk, kind, about, about_id, self.channel_id)

    def page_id(self, kind: str) -> int:
        """Return a page of the set."""
        return ShopPage.objects.get(channel=self.channel_id, kind=kind).pk

    def step_id(self, step: str) -> int:
        """Return a step of the purchase."""
        return TradeStep.objects.get(channel=self.channel_id, step=step).pk

    def drafted(
        self, kind: str, subject_id: int, content: Mapping[str, Any], *, at: datetime = AT
    ) -> RevisionInfo:
        """Draft a version, with previews where it is a page."""
        made = revisions.draft(
            kind=kind,
            subject_id=subject_id,
            content=content,
            why="换季",
            actor=self.writer(kind, at),
            at=at,
        )
        if kind in ("catalog.page_design", "catalog.display_plan"):
            look_at(made, self.writer(kind, at), at)
        return made

    def submitted(
        self, kind: str, subject_id: int, content: Mapping[str, Any], *, at: datetime = AT
    ) -> RevisionInfo:
        """Draft a version and hand it in."""
        made = self.drafted(kind, subject_id, content, at=at)
        return revisions.submit(revision_id=made.id, actor=self.writer(kind, at), at=at)

    def published(
        self, kind: str, subject_id: int, content: Mapping[str, Any], *, at: datetime = AT
    ) -> RevisionInfo:
        """Draft, hand in and approve a version."""
        made = self.submitted(kind, subject_id, content, at=at)
        self.decide(made, at=at)
        return made

    def decide(self, made: RevisionInfo, *, at: datetime = AT) -> None:
        """Let every step be decided by its position."""
        while (request := Request.objects.get(pk=made.approval_id or 0)).state == "submitted":
            approvals.approve(
                request_id=request.pk,
                content_hash=request.content_hash,
                actor=self.actor(request.steps[request.step]["role"], at=at),
                at=at,
            )

    def writer(self, kind: str, at: datetime = AT) -> Actor:
        """Return who drafts a kind."""
        is_plan = kind == "catalog.shop_plan"
        role = Role.OPERATIONS_SUPERVISOR if is_plan else Role.OPERATIONS_SPECIALIST
        return self.actor(role, at=at)

    def make_ready(self) -> int:
        """Let a plan and a module type be live, and return the module type."""
        for role in (Role.WEB_EDITING_SUPERVISOR, Role.OPERATIONS_SUPERVISOR,
                     Role.OPERATIONS_MANAGER):  # fmt: skip
            self.actor(role)
        self.published("catalog.shop_plan", self.channel_id, PLAN)
        made = module("banner")
        self.published("catalog.page_module", made, BANNER)
        return made

    def complete(self) -> None:
        """Let every page and every guidance text be live."""
        for page in ShopPage.objects.filter(channel=self.channel_id):
            self.published("catalog.page_design", page.pk, design())
        for step in TradeStep.objects.filter(channel=self.channel_id):
            self.published("catalog.trade_step", step.pk, GUIDANCE)

    @property
    def is_active(self) -> bool:
        """Say whether the channel is open."""
        return Channel.objects.get(pk=self.channel_id).is_active


def house() -> House:
    """Make the shop and the people who decide."""
    made = House(own_channel())
    made.actor(Role.WEB_EDITING_SUPERVISOR)
    made.actor(Role.OPERATIONS_SUPERVISOR)
    made.actor(Role.OPERATIONS_MANAGER)
    return made
