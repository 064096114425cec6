"""Sheets, cases, scorecards, odd figures and sealed facts, each left where somebody must act."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from inventory.metrics import SUPPLIER_METRICS
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.metrics import services as metrics
from ops.engines.scorecards import services as scorecards
from ops.engines.scorecards.choices import PeriodKind
from ops.engines.scorecards.models import Card
from ops.engines.scorecards.spans import span_of
from ops.engines.sheets import selectors as sheets
from ops.engines.sheets.models import Case, Sheet
from tests.badinput.asking import ask

if TYPE_CHECKING:
    from tests.badinput.ground import Ground

SYSTEM = Actor.system("tests.badinput")
MARK = {"criterion": "service", "points": "80.00", "comment": "按时答复", "evidence": "纪要-1"}
CLOSING = "warehouse_closing"
METRIC = "supplier_on_time"


def prepare(ground: Ground) -> None:
    """Leave a sheet half signed, a case put right, cards in every state, and an odd figure."""
    _sheets(ground)
    _cards(ground)
    _anomaly(ground)


def open_sheet(template: str) -> int:
    """Return a sheet of a kind that nobody has filled in."""
    found = Sheet.objects.filter(template__key=template, state="open", items_done=0)
    return found.order_by("pk").values_list("pk", flat=True)[0]


def half_signed() -> int:
    """Return the sheet with one hand under it of two."""
    found = Sheet.objects.filter(state="filled", signatures__isnull=False)
    return found.order_by("pk").values_list("pk", flat=True)[0]


def entries(sheet_id: int, **odd: str) -> dict[str, Any]:
    """Return a body that answers every item a sheet asks for; `odd` answers come with a note."""
    items = sheets.items_of(Sheet.objects.get(pk=sheet_id).version)
    return {
        "entries": [
            {
                "item": item.key,
                "value": odd.get(item.key, "yes"),
                "client_key": str(uuid.uuid4()),
                "note": "忘了" if item.key in odd else "",
            }
            for item in items
            if item.is_required
        ]
    }


def case(state: str) -> int:
    """Return a case of a state."""
    return Case.objects.filter(state=state).order_by("pk").values_list("pk", flat=True)[0]


def card(state: str) -> int:
    """Return a scorecard of a state."""
    return Card.objects.filter(state=state).order_by("pk").values_list("pk", flat=True)[0]


def _sheets(ground: Ground) -> None:
    signed, broken = open_sheet("warehouse_safety"), open_sheet(CLOSING)
    ask(ground, "keeper", f"/sheets/{signed}/answers/", entries(signed))
    ask(ground, "keeper", f"/sheets/{signed}/sign/", {"content_hash": sheets.content_hash(signed)})
    ask(ground, "keeper", f"/sheets/{broken}/answers/", entries(broken, power="no"))
    made = Case.objects.get(sheet_id=broken).pk
    why = {"cause": "忘了关电源", "remedy": "已关闭"}
    ask(ground, "keeper", f"/sheets/cases/{made}/remedy/", why)


def _cards(ground: Ground) -> None:
    """Bring the suppliers' cards of the quarter to one state each; the first stays open."""
    at = timezone.now()
    span = span_of(PeriodKind.QUARTER, business_day(at))
    metrics.refresh(keys=SUPPLIER_METRICS, first=span.first, last=span.last, at=at)
    scorecards.open_period(key="supplier_evaluation", period=span.text, actor=SYSTEM, at=at)
    steps: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("buyer_officer", "mark", MARK),
        ("manager", "confirm", {}),
        ("manager", "publish", {}),
        ("supervisor", "object", {"reason": "数字不对"}),
    )
    for far, pk in enumerate(Card.objects.order_by("pk").values_list("pk", flat=True)):
        for name, step, body in steps[: far % (len(steps) + 1)]:
            ask(ground, name, f"/scorecards/{pk}/{step}/", body)


def _anomaly(ground: Ground) -> None:
    today = business_day(timezone.now())
    metrics.report(
        key=METRIC,
        day=today - dt.timedelta(days=1),
        value=Decimal("0.4"),
        note="比上周低一半",
        actor=ground.actors["director"],
        at=timezone.now(),
    )
