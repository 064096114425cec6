"""Content, cases and versions of the catalogue, left where somebody may act on them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from catalog.models import (
    Channel,
    ContentTask,
    DisplaySlot,
    PriceViolation,
    Product,
    Promotion,
    RangeReviewRow,
    SelectionProposal,
    ShopPage,
    ShownFigure,
    Sku,
)
from catalog.models.ranges import RangeDropLine
from catalog.services import penalties, products
from customers.models import ForbiddenSale, OrderLine
from customers.services import forbidden
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.revisions.models import Revision
from tests.badinput.asking import API, ask

if TYPE_CHECKING:
    from tests.badinput.ground import Ground

SYSTEM = Actor.system("tests.badinput")
PLAN_KIND = "catalog.shop_plan"
PLAN = {
    "position": "日常羊绒",
    "audience": "25 至 40 岁城市女性",
    "price_low": "99.00",
    "price_high": "399.00",
    "style": "暖灰，一处点缀色",
    "demand": [{"finding": "搜索上升 18%", "source": "趋势报告"}],
}


def prepare(ground: Ground) -> None:
    """Leave tasks at their steps, a draft of a plan, a forbidden case, a penalty, new goods."""
    products.create_product(name="新品", category_id=_category(), actor=SYSTEM, at=timezone.now())
    _tasks(ground)
    _plans(ground)
    _case(ground)
    case = PriceViolation.objects.filter(penalty=None).order_by("pk")[0]
    penalties.confirm(
        case_id=case.pk, rule="展示价", statement="无答复", actor=SYSTEM, at=timezone.now()
    )


def _category() -> int:
    """Return the category of the oldest goods."""
    rows = Sku.objects.order_by("pk").values_list("product__category_id", flat=True)
    return int(rows[0])


def task(**changes: Any) -> dict[str, Any]:
    """Return a content task the company takes."""
    due = (timezone.now() + dt.timedelta(days=3)).isoformat()
    brief = {"title": "首页文案", "purpose": "换季", "due_at": due}
    page = ShopPage.objects.order_by("pk").values_list("pk", flat=True)[0]
    return {"kind": "copy", "about": "page", "about_id": page, "brief": brief, **changes}


def worker(username: str) -> int:
    """Return the person behind an account."""
    return int(User.objects.get(username=username).person_id or 0)


def task_at(step: str, kind: str) -> int:
    """Return a task of a kind that stands at a step."""
    rows = ContentTask.objects.filter(step=step, kind=kind).order_by("-pk")
    return rows.values_list("pk", flat=True)[0]


def proposal(**changes: Any) -> dict[str, Any]:
    """Return a proposal the company takes."""
    research = dict.fromkeys(("demand", "trend", "target_group", "brand_fit"), "近三个月搜索上升")
    marks = dict.fromkeys(("demand_mark", "trend_mark", "fit_mark"), 60)
    row = SelectionProposal.objects.order_by("pk")[0]
    figures = {"price": "199.00", "unit_cost": "90.00", "monthly_sales": 100}
    rest = {"name": "羽绒背心", "category": row.category_id, "rival_note": "未见同类"}
    return {**research, **marks, **figures, **rest, **changes}


def sourced() -> int:
    """Return the proposal whose source is looked for."""
    rows = SelectionProposal.objects.filter(sourcing__state="open").order_by("pk")
    return rows.values_list("pk", flat=True)[0]


def entered() -> dict[str, Any]:
    """Return a product that stands on the shelf of that proposal and is nobody's yet."""
    row = SelectionProposal.objects.get(pk=sourced())
    found = Product.objects.filter(category__path__startswith=row.category.path, selection=None)
    return {"product": found.order_by("pk").values_list("code", flat=True)[0]}


def row() -> RangeReviewRow:
    """Return a row of a review for whose SKU no drop waits."""
    held = RangeDropLine.objects.exclude(state="let_go").values("sku_id")
    return RangeReviewRow.objects.exclude(sku_id__in=held).order_by("pk")[0]


def version(state: str, **more: Any) -> int:
    """Return the version of a shop plan in a state."""
    rows = Revision.objects.filter(piece__kind=PLAN_KIND, state=state, **more).order_by("pk")
    return rows.values_list("pk", flat=True)[0]


def replaced() -> int:
    """Return the version of a shop plan that another followed."""
    rows = Revision.objects.filter(piece__kind=PLAN_KIND, state="approved")
    rows = rows.exclude(publications__during__contains=timezone.now()).order_by("pk")
    return rows.values_list("pk", flat=True)[0]


def plan() -> dict[str, Any]:
    """Return the next plan of a shop of which nothing is open."""
    busy = Revision.objects.filter(piece__kind=PLAN_KIND, state__in=["draft", "submitted"])
    free = Channel.objects.exclude(pk__in=busy.values("piece__subject_id")).order_by("pk")
    subject = free.values_list("pk", flat=True)[0]
    return {"kind": PLAN_KIND, "subject": subject, "content": PLAN, "why": "新的一年"}


def _tasks(ground: Ground) -> None:
    promotion = Promotion.objects.filter(state="running").order_by("pk")[0].pk
    about = {"about": "promotion", "about_id": promotion}
    for is_done in (False, True):
        made = ask(ground, "web_supervisor", "/content-tasks/",
                   task(**about, person=worker("editor")))["id"]  # fmt: skip
        sent = {"text": "暖冬满减，一件过冬"}
        answer = ground.api("editor").post(
            f"{API}/content-tasks/{made}/version/", sent, format="multipart"
        )
        assert answer.status_code == 200, answer.content.decode()
        if is_done:
            ask(ground, "editor", f"/content-tasks/{made}/submit/")
            ask(ground, "web_supervisor", f"/content-tasks/{made}/approve/")
    drawn = task(kind="design", person=worker("designer"))
    drawn["brief"] |= {"width": 900, "height": 450}
    ask(ground, "web_supervisor", "/content-tasks/", drawn)


def _plans(ground: Ground) -> None:
    """Leave a version that another followed, one in review, and a draft."""
    subjects = list(Channel.objects.order_by("pk").values_list("pk", flat=True)[:2])
    for subject, states in zip(subjects, ("aas", "d"), strict=True):
        for turn, state in enumerate(states):
            content = {**PLAN, "style": f"暖灰 {turn}"}
            body = {"kind": PLAN_KIND, "subject": subject, "content": content, "why": "改版"}
            made = ask(ground, "supervisor", "/revisions/", body)["id"]
            if state == "d":
                continue
            asked = ask(ground, "supervisor", f"/revisions/{made}/submit/")["approval"]
            if state == "a":
                seen = ground.api("manager").get(f"{API}/approvals/{asked}/").json()
                mark = {"content_hash": seen["content_hash"]}
                ask(ground, "manager", f"/approvals/{asked}/approve/", mark)


def figure() -> dict[str, Any]:
    """Return what a channel says today of a slot it spoke of before."""
    slot = DisplaySlot.objects.filter(figures__isnull=False).order_by("pk")[0]
    told = ShownFigure.objects.filter(slot=slot).order_by("pk")[0]
    row = {"page": slot.page.kind, "slot": slot.key, "sku": told.sku.code, "shown": 9, "clicks": 1}
    day = business_day(timezone.now()).isoformat()
    return {"channel": slot.page.channel.code, "figures": [{**row, "day": day}]}


def banned() -> int:
    """Return the case whose goods nobody of the company banned."""
    return ForbiddenSale.objects.filter(confirmed_by=0).values_list("pk", flat=True)[0]


def _case(ground: Ground) -> None:
    sold = OrderLine.objects.values("sku_id")
    rows = Sku.objects.filter(kind="goods").exclude(pk__in=sold).order_by("-pk")
    sku = rows[0]
    other = rows.exclude(product_id=sku.product_id)[0].product_id
    forbidden.confirm(
        product_id=other, kind="shoddy", facts="抽检不合格", actor=SYSTEM, at=timezone.now()
    )
    body = {"sku": sku.code, "kind": "shoddy", "facts": "抽检不合格"}
    case = ask(ground, "compliance", "/forbidden-sales/", body)["id"]
    measure = {"measure": "warning", "reason": "供应不合格品", "seller": "某商行"}
    ask(ground, "compliance", f"/forbidden-sales/{case}/penalise/", measure)
