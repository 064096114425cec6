"""A small real company: one channel, five SKUs, a warehouse with stock, an account per position.

Used in a database of a test, and against a running product:

    DATA_DIR=... python -m tests.support.company [PIECES]

prints what a client needs: channel, SKU codes, prices, and an API token for each account.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ops.settings")
    django.setup()

from django.utils import timezone

from catalog.services import channels, loading, opening
from catalog.types.goods import ProductRow
from catalog.types.prices import OpeningPrice
from customers.services import routes
from inventory.services import history, places, suppliers
from inventory.types import HistoryRow
from ops.engines.identity import selectors as identity
from ops.engines.identity import services as identity_services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.periods import services as periods

if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM: Final = Actor.system("tests.company")
IMPORTER: Final = Actor.importer("tests.company")
PASSWORD: Final = "a long enough passphrase"
CHANNEL: Final = "tmall"
# Code, name, price, cost, pieces on the shelf.
GOODS: Final = (
    ("YR-1001-S", "羊绒圆领衫 S 驼色", "399.00", "180.00", 100_000),
    ("YR-1001-M", "羊绒圆领衫 M 驼色", "399.00", "180.00", 100_000),
    ("WJ-2207", "山羊绒围巾 藏青", "159.00", "70.00", 100_000),
    ("MZ-3310", "羊毛毡帽 黑色", "89.00", "35.00", 100_000),
    ("ST-4105", "羊毛手套 灰色", "59.00", "22.00", 100_000),
)
# Account, position, person, and what they work in.
SEATS: Final = (
    ("director", Role.OPERATIONS_DIRECTOR, "孙立群", ()),
    ("manager", Role.OPERATIONS_MANAGER, "王敏", ()),
    ("supervisor", Role.OPERATIONS_SUPERVISOR, "陈立", ("channel",)),
    ("specialist", Role.OPERATIONS_SPECIALIST, "李娜", ("channel", "warehouse")),
    ("agent", Role.CUSTOMER_SERVICE_AGENT, "何静", ("channel",)),
    ("keeper", Role.WAREHOUSE_KEEPER, "张强", ("warehouse",)),
    ("keeper2", Role.WAREHOUSE_KEEPER, "刘洋", ("warehouse",)),
    ("purchaser", Role.PURCHASING_OFFICER, "吴磊", ("warehouse",)),
    ("store_manager", Role.STORE_MANAGER, "周婷", ()),
    ("finance", Role.FINANCE_OFFICER, "赵敏", ()),
    ("finance_manager", Role.FINANCE_MANAGER, "郑芳", ()),
    ("compliance", Role.COMPLIANCE_OFFICER, "许宁", ()),
    ("auditor", Role.AUDITOR, "韩雪", ()),
)


@dataclass
class Company:
    """What was made, by the names people use."""

    at: dt.datetime
    channel_id: int
    warehouse_id: int
    bin_id: int
    supplier_id: int
    skus: dict[str, int]
    users: dict[str, int] = field(default_factory=dict)
    persons: dict[str, int] = field(default_factory=dict)

    def user(self, name: str) -> User:
        """Return an account as it stands."""
        return User.objects.select_related("person").get(pk=self.users[name])

    def actor(self, name: str, *, at: dt.datetime | None = None) -> Actor:
        """Return who an account is at a moment."""
        return identity.actor_for(self.user(name), at=at or self.at)

    def token(self, name: str) -> str:
        """Return a fresh API token of an account."""
        return identity_services.create_api_token(
            user_id=self.users[name],
            label="tests",
            lifetime=dt.timedelta(days=1),
            actor=self.actor(name),
            at=self.at,
        ).token


def build(*, at: dt.datetime, pieces: int | None = None) -> Company:
    """Make the company at a moment; its goods lie there since the day before.

    `pieces` of each SKU, where a shelf of 100,000 is too full to run short.
    """
    channel = channels.create_channel(
        code=CHANNEL, name="天猫旗舰店", platform="tmall", actor=SYSTEM, at=at
    )
    warehouse = places.create_warehouse(code="HZ", name="杭州仓", actor=SYSTEM, at=at)
    loaded = loading.load_products(
        rows=[
            ProductRow(code=row[0], name=row[1], category=("服饰", "羊绒"), unit="件")
            for row in GOODS
        ],
        source="company",
        actor=SYSTEM,
        at=at,
    )
    supplier = suppliers.create_supplier(code="GYS-001", name="恒源毛纺", actor=SYSTEM, at=at)
    skus = dict(loaded.sku_ids)
    _open_prices(channel.id, skus, at=at)
    routes.set_route(channel_id=channel.id, warehouse_id=warehouse.id, actor=SYSTEM, at=at)
    _open_books(at=at)
    _stock_shelves(warehouse.id, skus, pieces, at=at)
    made = Company(
        at=at,
        channel_id=channel.id,
        warehouse_id=warehouse.id,
        bin_id=warehouse.bin_id,
        supplier_id=supplier,
        skus=skus,
    )
    _hire(made)
    return made


def _open_prices(channel_id: int, skus: Mapping[str, int], *, at: dt.datetime) -> None:
    since = at - dt.timedelta(days=30)
    prices = [
        OpeningPrice(sku_id=skus[code], price=Decimal(price), since=since)
        for code, _name, price, _cost, _pieces in GOODS
    ]
    opening.open_prices(
        channel_id=channel_id, prices=prices, source="company", actor=IMPORTER, at=at
    )


def _open_books(*, at: dt.datetime) -> None:
    for module in ("stock", "ledger"):
        for day in (business_day(at) - dt.timedelta(days=1), business_day(at)):
            periods.ensure_month(module=module, day=day, actor=SYSTEM, at=at)


def _stock_shelves(
    warehouse_id: int, skus: Mapping[str, int], pieces: int | None, *, at: dt.datetime
) -> None:
    before = at - dt.timedelta(days=1)
    rows = [
        HistoryRow(
            line_no=number,
            sku_id=skus[code],
            quantity=pieces or usual,
            reason="opening",
            business_day=business_day(before),
            at=before,
            effect_key=f"company:opening:{code}",
            unit_cost=Decimal(cost),
        )
        for number, (code, _name, _price, cost, usual) in enumerate(GOODS, start=1)
    ]
    history.import_history(batch_id=0, warehouse_id=warehouse_id, rows=rows, actor=IMPORTER, at=at)


def _hire(company: Company) -> None:
    at, scopes = company.at, {"channel": company.channel_id, "warehouse": company.warehouse_id}
    for username, role, name, kinds in SEATS:
        person = identity_services.create_person(name=name, actor=SYSTEM, at=at)
        made = identity_services.create_account(
            person_id=person.person_id,
            username=username,
            password=PASSWORD,
            actor=SYSTEM,
            at=at,
        )
        identity_services.assign(
            person_id=person.person_id,
            role=role,
            first=business_day(at) - dt.timedelta(days=60),
            actor=SYSTEM,
            at=at,
        )
        for kind in kinds:
            identity_services.grant_scope(
                user_id=made.user_id, kind=kind, object_id=scopes[kind], actor=SYSTEM, at=at
            )
        company.users[username] = made.user_id
        company.persons[username] = person.person_id


def main() -> None:
    """Make the company in the product of DATA_DIR and print what a client needs."""
    pieces = int(sys.argv[1]) if sys.argv[1:] else None
    company = build(at=timezone.now(), pieces=pieces)
    told = {
        "channel": CHANNEL,
        "prices": {row[0]: row[2] for row in GOODS},
        "tokens": {name: company.token(name) for name, *_rest in SEATS},
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
