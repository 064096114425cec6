"""A small shop for tests: a channel, a category, SKUs with prices, and its people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from catalog.models import PriceChange
from catalog.services import channels, loading, opening, pricing, products
from catalog.types.goods import ProductRow
from catalog.types.prices import OpeningPrice, PriceChangeInfo, PriceLine
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.identity import selectors as identity
from ops.engines.identity import services as identity_services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from tests.engines.identity.factories import AT, SYSTEM, account

IMPORTER = Actor.importer("tests")
START = AT + timedelta(days=1)
END = AT + timedelta(days=8)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def actor(user: User, *, at: datetime = AT) -> Actor:
    """Return who the account is at a moment."""
    return identity.actor_for(User.objects.select_related("person").get(pk=user.pk), at=at)


@dataclass
class Shop:
    """What a test needs to hand: the channel, two SKUs at 199.00, the people."""

    channel_id: int
    category_id: int
    sku_ids: list[int]
    specialist: User
    supervisor: User
    manager: User
    director: User

    def draft(
        self,
        price: str = "189.00",
        *,
        skus: Sequence[int] | None = None,
        rival: str | None = "186.00",
        ends_at: datetime | None = END,
        starts_at: datetime = START,
        at: datetime = AT,
    ) -> PriceChangeInfo:
        """Draft one price for all SKUs (or those given)."""
        return pricing.draft_price_change(
            channel_id=self.channel_id,
            reason="Rival went down",
            starts_at=starts_at,
            ends_at=ends_at,
            lines=[
                PriceLine(
                    sku_id=sku_id,
                    price=Decimal(price),
                    rival=None if rival is None else Decimal(rival),
                )
                for sku_id in (skus or self.sku_ids)
            ],
            actor=actor(self.specialist, at=at),
            at=at,
        )

    def submit(self, change: PriceChangeInfo, *, at: datetime = AT) -> PriceChangeInfo:
        """Hand it in as the specialist."""
        return pricing.submit_price_change(
            change_id=change.id, actor=actor(self.specialist, at=at), at=at
        )

    def approve(
        self, change: PriceChangeInfo, *users: User, code: str = "", at: datetime = AT
    ) -> PriceChangeInfo:
        """Approve it as the users in turn (the supervisor unless told)."""
        request = Request.objects.get(pk=PriceChange.objects.get(pk=change.id).approval_id or 0)
        for user in users or (self.supervisor,):
            approvals.approve(
                request_id=request.pk,
                content_hash=request.content_hash,
                code=code,
                actor=actor(user, at=at),
                at=at,
            )
        return change

    def approved(
        self,
        price: str = "189.00",
        *,
        skus: Sequence[int] | None = None,
        ends_at: datetime | None = END,
        starts_at: datetime = START,
        at: datetime = AT,
    ) -> PriceChangeInfo:
        """Draft, hand in and approve by the supervisor."""
        change = self.draft(price, skus=skus, ends_at=ends_at, starts_at=starts_at, at=at)
        return self.approve(self.submit(change, at=at), at=at)

    def state(self, change: PriceChangeInfo) -> str:
        """Return the state in the database."""
        return PriceChange.objects.get(pk=change.id).state


def costs(values: dict[int, str]) -> object:
    """Return an answer for the unit cost port."""

    def answer(*, sku_ids: Collection[int], at: datetime) -> dict[int, Decimal]:
        return {sku: Decimal(values[sku]) for sku in sku_ids if sku in values}

    return answer


def open_shop() -> Shop:
    """Make the shop."""
    channel = channels.create_channel(
        code="tmall", name="天猫旗舰店", platform="tmall", actor=SYSTEM, at=AT
    )
    category = products.create_category(name="女装", actor=SYSTEM, at=AT)
    report = loading.load_products(
        rows=[
            ProductRow(code="A-1001-S", name="羊绒衫 S", category=("女装",)),
            ProductRow(code="A-1001-M", name="羊绒衫 M", category=("女装",)),
        ],
        source="tests",
        actor=SYSTEM,
        at=AT,
    )
    sku_ids = [report.sku_ids["A-1001-S"], report.sku_ids["A-1001-M"]]
    opening.open_prices(
        channel_id=channel.id,
        prices=[
            OpeningPrice(sku_id=sku_id, price=Decimal("199.00"), since=LONG_AGO)
            for sku_id in sku_ids
        ],
        source="tests",
        actor=IMPORTER,
        at=AT,
    )
    specialist = account("specialist", Role.OPERATIONS_SPECIALIST)
    identity_services.grant_scope(
        user_id=specialist.pk, kind="channel", object_id=channel.id, actor=SYSTEM, at=AT
    )
    return Shop(
        channel_id=channel.id,
        category_id=category.id,
        sku_ids=sku_ids,
        specialist=specialist,
        supervisor=account("supervisor", Role.OPERATIONS_SUPERVISOR),
        manager=account("manager", Role.OPERATIONS_MANAGER),
        director=account("director", Role.OPERATIONS_DIRECTOR),
    )
