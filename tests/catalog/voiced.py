"""A house of departments for tests: product operations and another one, each with its people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.models import ProductFeedback
from catalog.services import feedback, owners
from catalog.types.feedback import Answer, FeedbackDraft, FeedbackInfo
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from tests.catalog.shop import Shop, actor
from tests.engines.identity.factories import AT, SYSTEM, account


@dataclass
class House:
    """Product operations owns everything; its web editors sit below it, trade beside it."""

    shop: Shop
    products: int  # department ids
    web: int
    trade: int
    member: User
    colleague: User
    editor: User
    stranger: User
    head: User
    agent: User

    def say(self, text: str = "袖口起球", *, at: datetime = AT, **changes: Any) -> FeedbackInfo:
        """Record feedback as the service agent."""
        given: dict[str, Any] = {
            "channel_id": self.shop.channel_id,
            "sku_id": self.shop.sku_ids[0],
            "source": "service",
            "text": text,
            **changes,
        }
        return feedback.record(draft=FeedbackDraft(**given), actor=actor(self.agent, at=at), at=at)

    def answered(self, made: FeedbackInfo, *, at: datetime = AT, **changes: Any) -> FeedbackInfo:
        """Look into an item and answer it, as the member."""
        who = actor(self.member, at=at)
        feedback.take(feedback_id=made.id, actor=who, at=at)
        return feedback.answer(feedback_id=made.id, answer=reply(**changes), actor=who, at=at)

    def row(self, made: FeedbackInfo) -> ProductFeedback:
        """Return the item as it stands."""
        return ProductFeedback.objects.get(pk=made.id)

    def owned(self, *, at: datetime = AT) -> None:
        """Let product operations own whatever nobody else owns."""
        owners.give_category(
            category_id=None,
            department_id=self.products,
            why="商品运营归口",
            actor=actor(self.shop.director, at=at),
            at=at,
        )


def reply(**changes: Any) -> Answer:
    """Return an answer."""
    given: dict[str, Any] = {"reply": "已转质检复核，换新发出。", "finding": "quality", **changes}
    return Answer(**given)


def open_house(shop: Shop, *, is_owned: bool = True) -> House:
    """Make the departments and their people, each let into the channel."""
    made: dict[str, int] = {}
    for code, name, parent in (
        ("GS", "规范商贸", ""), ("CP", "产品运营部", "GS"), ("WB", "网编部", "CP"),
        ("JD", "京东运营部", "GS"),
    ):  # fmt: skip
        made[code] = identity.create_department(
            code=code, name=name, parent_id=made.get(parent), actor=SYSTEM, at=AT
        ).department_id
    people = {
        "member": (Role.OPERATIONS_SPECIALIST, "CP"),
        "colleague": (Role.OPERATIONS_SPECIALIST, "CP"),
        "editor": (Role.EDITOR, "WB"),
        "stranger": (Role.OPERATIONS_SPECIALIST, "JD"),
    }
    users = {
        name: account(f"voice-{name}", role, department_id=made[place])
        for name, (role, place) in people.items()
    }
    for user in users.values():
        identity.grant_scope(
            user_id=user.pk, kind="channel", object_id=shop.channel_id, actor=SYSTEM, at=AT
        )
    house = House(
        shop=shop,
        products=made["CP"],
        web=made["WB"],
        trade=made["JD"],
        head=account("voice-head", Role.DEPARTMENT_HEAD, department_id=made["CP"]),
        agent=account("voice-agent", Role.CUSTOMER_SERVICE_AGENT),
        **users,
    )
    if is_owned:
        house.owned()
    return house
