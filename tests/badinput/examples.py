"""What a serializer cannot know: whose door it is, on which thing, and with what in the body.

What nobody can be served in one transaction of the founded company stands in `NEVER_ACCEPTED` with
its reason; a test holds that table true in both directions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from django.utils import timezone

from catalog.models import Category, Channel, PriceViolation, Product, Sku
from customers.models import Customer, Order
from finance.models import Account, ManualEntry, PaymentAccount
from inventory.gs1 import has_check_digit
from inventory.models import CountLine, PurchaseOrder, Receipt, Supplier, Warehouse
from ops.engines.approvals.models import Question, Request
from ops.engines.http import fields
from ops.engines.identity.models import Person
from ops.engines.kernel.parse import business_day
from ops.engines.reports.models import ReportRun
from ops.engines.sheets.selectors import content_hash
from tests.badinput import catalogue, listing, promoting, scene, watching
from tests.finance.statements import Statement

Keys = Callable[[], list[dict[str, Any]]]
MOST_RUNS = 24


def _soon(days: int) -> str:
    return (timezone.now() + dt.timedelta(days=days)).isoformat()


def _today(back: int = 0) -> str:
    return (business_day(timezone.now()) - dt.timedelta(days=back)).isoformat()


def _code(model: Any) -> Callable[[Any], Any]:
    """Return the code of the first row, or its id where an id is asked for."""

    def first(field: Any) -> Any:
        column = "pk" if isinstance(field, fields.IdField) else "code"
        return model.objects.order_by("pk").values_list(column, flat=True)[0]

    return first


def _id(model: Any, **where: Any) -> Callable[[Any], Any]:
    return lambda field: (
        model.objects.filter(**where).order_by("pk").values_list("pk", flat=True)[0]
    )


SAMPLES: Final[dict[str, Callable[[Any], Any]]] = {
    "sku": _code(Sku),
    "channel": _code(Channel),
    "warehouse": _code(Warehouse),
    "supplier": _code(Supplier),
    "category": _id(Category, children=None),
    "product": _id(Product),
    "parent": _id(Category),
    "person": _id(Person),
    "account": _id(Account, is_postable=True),
    "purchase_order": _id(PurchaseOrder, state="sent", receipts=None),
    "receipt": _id(Receipt, state="checked", discrepancies=None),
    "line": _id(CountLine, count__state="review"),
    "order": lambda field: scene.shipped_order().number,
    "reason": lambda field: "因为需要",
    "currency": lambda field: "CNY",
    "starts_at": lambda field: _soon(1),
    "ends_at": lambda field: _soon(9),
    "placed_at": lambda field: _soon(0),
    "paid_at": lambda field: _soon(0),
    "file": lambda field: ("statement.csv", "渠道,日期\n天猫,2026-01-01\n".encode(), "text/csv"),
}
INNER: Final[dict[str, Callable[[], list[Any]]]] = {"sheet": lambda: [1, 2, 3]}


def _one(key: str, made: Callable[[], Any]) -> Keys:
    return lambda: [{key: made()}]


def _runs() -> list[dict[str, Any]]:
    return [dict(row) for row in ReportRun.objects.order_by("pk").values("name", "id")[:MOST_RUNS]]


def _waiting() -> list[dict[str, Any]]:
    rows = Request.objects.filter(state="submitted").order_by("-pk")
    return [{"id": pk} for pk in rows.values_list("pk", flat=True)]


def _differing() -> CountLine:
    found = CountLine.objects.filter(count__state="review", cause="").exclude(variance=0)
    return found.order_by("pk")[0]


def _numbers(parcel: str) -> list[str]:
    found = Order.objects.filter(external_no__startswith=f"{parcel}-", channel__code="tmall")
    return list(found.order_by("pk").values_list("number", flat=True))


def _buyer(**where: Any) -> int:
    """Return a buyer of the channel whose promotions name a tier."""
    found = Customer.objects.filter(channel__code="tmall", **where).order_by("pk")
    return found.values_list("pk", flat=True)[0]


KEYS: Final[dict[str, Keys]] = {
    "GET /reports/{name}/runs/{id}/": _runs,
    "GET /reports/{name}/runs/{id}/file/": _runs,
    **{
        f"POST /approvals/{{id}}/{step}/": _waiting
        for step in ("answer", "approve", "ask", "comment", "return", "withdraw")
    },
    "GET /approvals/{id}/": _waiting,
    "GET /metrics/{key}/": _one("key", lambda: watching.METRIC),
    "POST /customers/{id}/end-tier/": _one(
        "id", partial(_buyer, tiers__isnull=False, tiers__ended_at=None)
    ),
    "POST /customers/{id}/tier/": _one("id", partial(_buyer, tiers=None)),
    "POST /content-tasks/{id}/accept/": _one("id", lambda: catalogue.task_at("briefed", "design")),
    "POST /content-tasks/{id}/approve/": _one("id", lambda: catalogue.task_at("submitted", "copy")),
    "POST /content-tasks/{id}/assign/": _one("id", lambda: catalogue.task_at("drafted", "copy")),
    "POST /content-tasks/{id}/release/": _one("id", lambda: catalogue.task_at("approved", "copy")),
    "POST /content-tasks/{id}/send-back/": _one(
        "id", lambda: catalogue.task_at("submitted", "copy")
    ),
    "POST /content-tasks/{id}/submit/": _one("id", lambda: catalogue.task_at("drafted", "copy")),
    "POST /content-tasks/{id}/version/": _one("id", lambda: catalogue.task_at("drafted", "copy")),
    "POST /forbidden-sales/{id}/lift/": _one("id", catalogue.banned),
    "POST /journal-entries/{voucher}/post/": lambda: [
        {"voucher": number} for number in ManualEntry.objects.values_list("number", flat=True)
    ],
    "POST /listings/{id}/approve/": _one("id", listing.waiting),
    "POST /listings/{id}/delist/": _one("id", listing.shown),
    "POST /listings/{id}/draft/": _one("id", listing.drafted),
    "POST /listings/{id}/submit/": _one("id", listing.complete),
    "POST /listings/{id}/withdraw/": _one("id", listing.drafted),
    "POST /orders/{number}/unmerge/": _one("number", lambda: _numbers("B")[0]),
    "PATCH /revisions/{id}/": _one("id", partial(catalogue.version, "draft")),
    "POST /range-reviews/{id}/decide/": _one("id", lambda: catalogue.row().review_id),
    "POST /range-reviews/{id}/drop/": _one("id", lambda: catalogue.row().review_id),
    "POST /revisions/{id}/discard/": _one("id", partial(catalogue.version, "draft")),
    "POST /revisions/{id}/restore/": _one("id", catalogue.replaced),
    "POST /revisions/{id}/submit/": _one("id", partial(catalogue.version, "draft")),
    "POST /revisions/{id}/withdraw/": _one("id", partial(catalogue.version, "submitted")),
    "POST /scorecards/{id}/confirm/": _one("id", partial(watching.card, "marked")),
    "POST /scorecards/{id}/decide/": _one("id", partial(watching.card, "objected")),
    "POST /scorecards/{id}/mark/": _one("id", partial(watching.card, "open")),
    "POST /scorecards/{id}/object/": _one("id", partial(watching.card, "published")),
    "POST /scorecards/{id}/publish/": _one("id", partial(watching.card, "confirmed")),
    "POST /selection-proposals/{id}/name-product/": _one("id", catalogue.sourced),
    "POST /selection-proposals/{id}/sourcing/": _one("id", catalogue.sourced),
    "POST /sheets/cases/{id}/close/": _one("id", partial(watching.case, "remedied")),
    "POST /sheets/cases/{id}/remedy/": _one("id", partial(watching.case, "open")),
    "POST /sheets/{id}/answers/": _one("id", partial(watching.open_sheet, watching.CLOSING)),
    "POST /sheets/{id}/return/": _one("id", watching.half_signed),
    "POST /sheets/{id}/sign/": _one("id", watching.half_signed),
    "POST /sheets/{id}/void/": _one("id", partial(watching.open_sheet, watching.CLOSING)),
    "POST /stock-counts/{id}/recount/": _one("id", lambda: _differing().count_id),
    "POST /stock-counts/{id}/submit/": _one("id", scene.explained_count),
}
QUERIES: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "GET /display-slots/": lambda: {"channel": _code(Channel)(None), "page": "home"},
    "GET /metrics/{key}/": lambda: {"first": _today(7), "last": _today()},
    "GET /prices/": lambda: {"sku": _code(Sku)(None), "channel": _code(Channel)(None)},
    "GET /recommendations/": lambda: {"sku": _code(Sku)(None), "channel": _code(Channel)(None)},
    "GET /search/": lambda: {"q": _code(Sku)(None)},
    "GET /stock/trace/": lambda: {"supplier": _code(Supplier)(None)},
}
WHO: Final[Mapping[str, tuple[str, ...]]] = {
    "POST /anomalies/{id}/close/": ("director",),
    "POST /anomalies/{id}/explain/": ("director",),
    "GET /anomalies/{id}/": ("director",),
    "GET /metrics/{key}/": ("director",),
    "POST /clocks/{id}/extend/": ("web_supervisor",),
    "GET /revisions/": ("supervisor",),
    "GET /revisions/{id}/": ("supervisor",),
    "PATCH /revisions/{id}/": ("supervisor",),
    "POST /content-tasks/{id}/accept/": ("designer",),
    "POST /listings/{id}/approve/": ("web_supervisor",),
    "POST /listings/{id}/delist/": ("specialist",),
    "POST /listings/{id}/draft/": ("specialist",),
    "POST /listings/{id}/submit/": ("specialist",),
    "POST /listings/{id}/withdraw/": ("specialist",),
    "POST /revisions/": ("supervisor",),
    "POST /revisions/{id}/discard/": ("supervisor",),
    "POST /revisions/{id}/restore/": ("manager",),
    "POST /revisions/{id}/submit/": ("supervisor",),
    "POST /revisions/{id}/withdraw/": ("supervisor",),
    "POST /scorecards/{id}/confirm/": ("manager",),
    "POST /scorecards/{id}/decide/": ("director",),
    "POST /scorecards/{id}/mark/": ("buyer_officer",),
    "POST /scorecards/{id}/object/": ("supervisor",),
    "POST /scorecards/{id}/publish/": ("manager",),
    "POST /sheets/cases/{id}/close/": ("store_manager",),
    "POST /sheets/cases/{id}/remedy/": ("store_manager",),
    "POST /sheets/{id}/answers/": ("keeper",),
    "POST /sheets/{id}/return/": ("store_manager",),
    "POST /sheets/{id}/sign/": ("store_manager",),
    "POST /sheets/{id}/void/": ("store_manager",),
    "POST /stock-counts/{id}/recount/": ("keeper2",),
}
"""Who is asked first, where a door is open to everybody and the thing behind it is not."""


def _carton() -> str:
    """Return the code of a carton of one piece of the first goods with a barcode."""
    bars = Sku.objects.exclude(barcode="").order_by("pk").values_list("barcode", flat=True)
    known = next(bar.zfill(14) for bar in bars if bar.isdigit() and has_check_digit(bar.zfill(14)))
    return f"(01){known}"


def _statement() -> tuple[str, bytes, str]:
    payee = PaymentAccount.objects.get(channel__code="tmall", provider="alipay").account_no
    text = Statement().add(scene.shipped_order().number, "9.90").text(account=payee)
    return "alipay.csv", text.encode("gb18030"), "text/csv"


BODIES: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "POST /anomalies/{id}/explain/": lambda: {
        "cause": "活动结束",
        "proposal": "继续观察",
        "owner_id": _id(Person)(None),
    },
    "POST /approvals/{id}/answer/": lambda: {
        "question_id": _id(Question)(None),
        "answer": "因为成本上涨",
    },
    "POST /approvals/bulk/": lambda: {"items": [{"id": _id(Request, state="submitted")(None)}]},
    "POST /breaks/{id}/resolve/": lambda: {"code": "transit", "reason": "已说明"},
    "POST /clocks/{id}/extend/": lambda: {"until": _soon(30), "reason": "等待渠道答复"},
    "POST /code-rules/": lambda: {"pattern": "N{sequence}", "starts_on": _today()},
    "POST /customers/{id}/end-tier/": lambda: {"reason": "退出会员"},
    "POST /customers/{id}/reveal/": lambda: {"field": "phone", "purpose": "shipping"},
    "POST /customers/{id}/tier/": lambda: {"tier": "gold", "reason": "消费满额"},
    "PATCH /festivals/{id}/": lambda: {"name": "店庆"},
    "PATCH /revisions/{id}/": lambda: {"content": {**catalogue.PLAN, "style": "冷灰"}},
    "PATCH /selection-proposals/{id}/": lambda: {"risk": "暖冬"},
    "POST /content-tasks/": catalogue.task,
    "POST /content-tasks/{id}/assign/": lambda: {"person": catalogue.worker("editor")},
    "POST /forbidden-goods/{id}/end/": lambda: {"until": _today(-1)},
    "POST /forbidden-sales/{id}/penalise/": lambda: {
        "measure": "warning",
        "reason": "供应不合格品",
        "seller": "某商行",
    },
    "POST /journal-entries/": lambda: {
        "business_day": _today(),
        "memo": "手续费",
        "currency": "CNY",
        "lines": [{"account": "6602", "debit": "5.00"}, {"account": "1002", "credit": "5.00"}],
    },
    "POST /listings/": lambda: {"product": listing.unlisted(), "channel": _code(Channel)(None)},
    "POST /listings/{id}/approve/": listing.mark,
    "POST /listings/{id}/delist/": lambda: {"reason": "season", "note": "过季"},
    "POST /listings/{id}/draft/": listing.content,
    "POST /orders/merge/": lambda: {"orders": _numbers("A")},
    "POST /receipt-discrepancies/": lambda: {
        "receipt": scene.broken_receipt(),
        "choice": "refuse_part",
        "treatment": "return",
        "reason": "包装破损",
    },
    "POST /receipts/{id}/carton/": lambda: {"carton": _carton()},
    "POST /price-quotes/": lambda: {
        "channel": _code(Channel)(None),
        "lines": [{"sku": _code(Sku)(None), "quantity": 2}],
    },
    "POST /price-penalties/": lambda: {
        "violation": _id(PriceViolation, penalty=None)(None),
        "rule": "展示价须与批准价一致",
        "statement": "无答复",
    },
    "POST /promotions/": promoting.plan,
    "POST /promotions/{id}/coupons/": lambda: {"count": 1},
    "PATCH /promotions/{id}/": lambda: {"title": "满 300 减 50"},
    "POST /range-reviews/{id}/decide/": lambda: {"rows": [catalogue.row().pk], "verdict": "push"},
    "POST /range-reviews/{id}/drop/": lambda: {"rows": [catalogue.row().pk], "note": "滞销"},
    "POST /reports/{name}/runs/": lambda: {
        "period": f"{business_day(timezone.now()):%Y-%m}",
        "format": "xlsx",
    },
    "POST /revisions/": catalogue.plan,
    "POST /scorecards/{id}/mark/": lambda: dict(watching.MARK),
    "POST /search-misses/{id}/decide/": lambda: {"decision": "dismissed", "note": "错字"},
    "POST /search-synonyms/": lambda: {"words": ["毛衣", "针织衫"], "why": "两种叫法"},
    "POST /selection-proposals/": catalogue.proposal,
    "POST /selection-proposals/{id}/name-product/": catalogue.entered,
    "POST /selection-proposals/{id}/sourcing/": lambda: {"state": "given_up", "note": "起订量高"},
    "POST /settlement-files/": lambda: {"channel": "tmall", "file": _statement()},
    "POST /shelf-lives/": lambda: {
        "category": scene.undecided_category(),
        "needs_expiry": False,
    },
    "POST /sheets/{id}/answers/": lambda: watching.entries(watching.open_sheet(watching.CLOSING)),
    "POST /sheets/{id}/sign/": lambda: {"content_hash": content_hash(watching.half_signed())},
    "POST /shown-figures/": catalogue.figure,
    "POST /source-files/": lambda: {
        "source": "tmall-search",
        "file": (
            "ranks.csv",
            b"day,keyword,code,rank,impressions,clicks\n2026-01-05,gift,A,1,9,1\n",
            "text/csv",
        ),
    },
    "POST /stock-counts/{id}/recount/": lambda: {
        "lines": [{"line": _differing().pk, "quantity": _differing().expected}]
    },
    "POST /stock-counts/{id}/sheets/{sheet}/lines/": lambda: {
        "lines": [{"sku": _code(Sku)(None), "quantity": 1}]
    },
}
_NEEDS_A_SEAL: Final = (
    "a seal waits for every open transaction; audit tests have their own database"
)
NEVER_ACCEPTED: Final[dict[str, str]] = {
    "GET /audit/anchors/{id}/": _NEEDS_A_SEAL,
    "GET /audit/bundles/{id}/": _NEEDS_A_SEAL,
    "GET /audit/bundles/{id}/file/": _NEEDS_A_SEAL,
    "POST /audit/bundles/": _NEEDS_A_SEAL,
    "POST /auth/login/": "needs a one-time code, which is good for one minute and once",
    "POST /periods/{month}/reopen/": "needs a one-time code, which is good for one minute and once",
}
