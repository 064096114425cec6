"""What each declared kind of content needs to be tried: a subject, a content, a changed one.

A kind without a stand fails its conformance; add a line where it is declared first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ops.engines.identity.models import Department
from ops.engines.kernel.actor import Actor
from ops.engines.revisions.types import RevisionInfo
from tests.catalog import pages
from tests.engines.revisions import toys


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A subject with nothing written yet, and two contents its kind accepts, checks included.

    `ready` is called with the account that drafts, to give it what the kind asks for (a task);
    `before` between drafting and handing in (a preview).
    """

    subject_id: int
    content: Mapping[str, Any]
    changed: Mapping[str, Any]
    ready: Callable[[int], None] = field(default=lambda _user_id: None)
    before: Callable[[RevisionInfo, Actor], None] = field(default=lambda _made, _actor: None)


def _toy() -> Stand:
    place = Department.objects.create(code="HZ", name="杭州")
    return Stand(subject_id=place.pk, content=toys.HELLO, changed=toys.CHANGED)


def _plan() -> Stand:
    channel_id = pages.own_channel()
    changed = {**pages.PLAN, "price_high": "499.00"}
    return Stand(subject_id=channel_id, content=pages.PLAN, changed=changed)


def _module() -> Stand:
    changed = {**pages.BANNER, "title": "Wide banner"}
    return Stand(subject_id=pages.module("banner"), content=pages.BANNER, changed=changed)


def _design() -> Stand:
    house = pages.house()
    house.make_ready()
    content = pages.design()
    return Stand(
        subject_id=house.page_id("home"),
        content=content,
        changed={**content, "title": "Winter"},
        before=pages.look_at,
    )


def _step() -> Stand:
    house = pages.house()
    return Stand(
        subject_id=house.step_id("pay"),
        content=pages.GUIDANCE,
        changed={**pages.GUIDANCE, "text": "Pay within two hours."},
    )


STANDS: dict[str, Callable[[], Stand]] = {
    toys.KIND: _toy,
    "catalog.shop_plan": _plan,
    "catalog.page_module": _module,
    "catalog.page_design": _design,
    "catalog.trade_step": _step,
}
