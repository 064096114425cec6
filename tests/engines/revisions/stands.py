"""What each declared kind of content needs to be tried: a subject, a content, a changed one.

A kind without a stand fails its conformance; add a line where it is declared first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from catalog.models import ContentTask, TruthCheck
from catalog.services.listing_checks import read
from inventory.services import history, places
from inventory.types import HistoryRow
from ops.engines.identity.choices import Role
from ops.engines.identity.models import Department, User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.parse import business_day
from ops.engines.periods import services as periods
from ops.engines.revisions.types import RevisionInfo
from tests.catalog import listed, pages
from tests.catalog.produced import granted
from tests.catalog.shop import IMPORTER, open_shop
from tests.engines.identity.factories import AT, SYSTEM
from tests.engines.revisions import toys


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A subject with nothing written yet, and two contents its kind accepts, checks included.

    `role` drafts where it is named, else the first that may. `ready` is called with the account
    that drafts, to give it what the kind asks for (a task); `before` between drafting and handing
    in (a preview).
    """

    subject_id: int
    content: Mapping[str, Any]
    changed: Mapping[str, Any]
    role: str = ""
    ready: Callable[[int], None] = field(default=lambda _user_id: None)
    before: Callable[[RevisionInfo, Actor], None] = field(default=lambda _made, _actor: None)


def _toy() -> Stand:
    place = Department.objects.create(code="HZ", name="杭州")
    return Stand(subject_id=place.pk, content=toys.HELLO, changed=toys.CHANGED)


def _by_task(about: str, about_id: int, channel_id: int) -> Callable[[int], None]:
    """Return what gives an account the content tasks by which it may write a thing."""

    def ready(user_id: int) -> None:
        person = User.objects.get(pk=user_id).person_id
        if not ContentTask.objects.filter(person=person, **{f"{about}_id": about_id}).exists():
            for kind in ("copy", "design"):
                granted(user_id, kind, about, about_id, channel_id)

    return ready


def _plan() -> Stand:
    channel_id = pages.own_channel()
    changed = {**pages.PLAN, "price_high": "499.00"}
    return Stand(subject_id=channel_id, content=pages.PLAN, changed=changed)


def _module() -> Stand:
    changed = {**pages.BANNER, "title": "Wide banner"}
    made = pages.module("banner")
    channel_id = pages.own_channel("modules")
    return Stand(
        subject_id=made,
        content=pages.BANNER,
        changed=changed,
        ready=_by_task("module", made, channel_id),
    )


def _design() -> Stand:
    house = pages.house()
    house.make_ready()
    content = {
        **pages.design(),
        "keywords": ["cashmere"],
        "search_title": "Cashmere for winter",
        "search_text": "Sweaters and shawls of Inner Mongolian cashmere.",
    }
    return Stand(
        subject_id=house.page_id("home"),
        content=content,
        changed={**content, "title": "Winter"},
        ready=_by_task("page", house.page_id("home"), house.channel_id),
        before=pages.look_at,
    )


def _display() -> Stand:
    house = pages.house()
    return Stand(
        subject_id=house.page_id("home"),
        content=pages.SLOTS,
        changed={**pages.SLOTS, "title": "Winter window"},
        before=pages.look_at,
    )


def _step() -> Stand:
    house = pages.house()
    return Stand(
        subject_id=house.step_id("pay"),
        content=pages.GUIDANCE,
        changed={**pages.GUIDANCE, "text": "Pay within two hours."},
        ready=_by_task("trade_step", house.step_id("pay"), house.channel_id),
    )


def _listing() -> Stand:
    stall = listed.open_stall(open_shop())
    before = AT - timedelta(days=1)
    periods.ensure_month(module="stock", day=business_day(before), actor=SYSTEM, at=AT)
    warehouse = places.create_warehouse(code="BJ", name="北京仓", actor=SYSTEM, at=AT)
    history.import_history(
        batch_id=0,
        warehouse_id=warehouse.id,
        rows=[
            HistoryRow(
                line_no=1,
                sku_id=stall.sku_id,
                quantity=7,
                reason="opening",
                business_day=business_day(before),
                at=before,
                effect_key="stands:opening",
            )
        ],
        actor=IMPORTER,
        at=AT,
    )
    content = plain(read(stall.content()))
    TruthCheck.objects.create(
        listing_id=stall.listing_id,
        pictures=content["pictures"],
        ticks=list(listed.TICKS),
        checked_by=0,
        checked_at=AT,
    )
    changed = {**content, "title": "羊绒圆领衫 新款"}
    return Stand(
        subject_id=stall.listing_id,
        content=content,
        changed=changed,
        role=Role.OPERATIONS_SPECIALIST,
    )


STANDS: dict[str, Callable[[], Stand]] = {
    toys.KIND: _toy,
    "catalog.listing": _listing,
    "catalog.shop_plan": _plan,
    "catalog.page_module": _module,
    "catalog.page_design": _design,
    "catalog.trade_step": _step,
    "catalog.display_plan": _display,
}
