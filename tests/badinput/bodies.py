"""A valid request for every operation: built from its serializer, tried until it is accepted.

What cannot be accepted in the company as founded stands in `NEVER_ACCEPTED` with its reason; a test
holds that table true in both directions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework import serializers
from rest_framework.fields import empty

from catalog.models import Category, Channel, Product, Sku
from finance.models import Account, ManualEntry
from inventory.models import (
    CountLine,
    PurchaseOrder,
    Receipt,
    Supplier,
    Warehouse,
)
from ops.engines.approvals.models import Question, Request
from ops.engines.http import fields
from ops.engines.identity.models import Person
from ops.engines.kernel.parse import business_day
from ops.engines.reports.models import ReportRun
from tests.badinput.ground import Ground, undone
from tests.badinput.operations import Operation, fields_of
from tests.badinput.scene import shipped_order

MOST_ACCOUNTS, MOST_TARGETS, OF_ONE_STATE = 8, 24, 3


@dataclass(frozen=True)
class Example:
    """A request that differs from a refused one in one place only."""

    account: str
    keys: Mapping[str, Any]
    body: dict[str, Any]
    status: int
    version: str = ""

    @property
    def accepted(self) -> bool:
        """Say whether the company takes it."""
        return self.status < 300


_made: dict[Operation, Example] = {}


def example(ground: Ground, operation: Operation) -> Example:
    """Return a request as valid as it gets; the same in every test of the process."""
    if operation not in _made:
        _made[operation] = _tried(ground, operation)
    return _made[operation]


def send(
    ground: Ground, operation: Operation, asked: Example, body: Any = empty, **extra: Any
) -> Any:
    """Send an example, with another body when one is given."""
    client = ground.api(asked.account)
    sent = asked.body if body is empty else body
    address = operation.address(dict(asked.keys))
    if operation.method in {"GET", "DELETE"}:
        query = QUERIES.get(operation.name, dict)()
        return getattr(client, operation.method.lower())(address, query, **extra)
    if asked.version:
        extra = {"HTTP_IF_MATCH": asked.version, **extra}
    if operation.is_form:
        sent = {key: _fresh(value) for key, value in sent.items()}
        return client.post(address, sent, format="multipart", **extra)
    return getattr(client, operation.method.lower())(address, sent, format="json", **extra)


def valid_body(operation: Operation) -> dict[str, Any]:
    """Return a body its serializer accepts: required fields and those with a sample."""
    if operation.name in BODIES:
        return BODIES[operation.name]()
    return {} if operation.serializer is None else _object(operation.serializer)


def _tried(ground: Ground, operation: Operation) -> Example:
    best = Example("", dict.fromkeys(operation.keys, 1), {}, 599)
    body = valid_body(operation)
    accounts = ground.who_may(operation.policy)[:MOST_ACCOUNTS]
    for account, keys in _tries(ground, operation, accounts):
        version = ""
        if operation.method == "PATCH":
            read = ground.api(account).get(operation.address(dict(keys)))
            version = read.headers.get("ETag", "")
        asked = Example(account, keys, body, 0, version)
        with undone():
            status = send(ground, operation, asked).status_code
        if _rank(status) < _rank(best.status):
            best = Example(account, keys, body, status, version)
        if best.accepted:
            break
    return best


def _rank(status: int) -> int:
    """Order answers by how far a request came."""
    return {409: 300, 422: 300, 412: 310, 428: 310}.get(status, status)


def _tries(
    ground: Ground, operation: Operation, accounts: list[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for account in accounts:
        for keys in targets(ground, operation, account):
            yield account, keys


def targets(ground: Ground, operation: Operation, account: str) -> list[dict[str, Any]]:
    """Return keys of things the account can see, a few of each state."""
    if not operation.keys:
        return [{}]
    for start, made in KEYS.items():
        if operation.path.startswith(start):
            return made()
    first, *others = operation.keys
    found = ground.api(account).get(operation.prefix, _paged(operation)).json().get("results", [])
    picked: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for row in found:
        state = str(row.get("state", ""))
        seen[state] = seen.get(state, 0) + 1
        if seen[state] <= OF_ONE_STATE and len(picked) < MOST_TARGETS:
            picked.append({first: row[_column(first, row)]})
    more = [INNER[name]() for name in others]
    return [
        {**one, **dict(zip(others, rest, strict=True))}
        for one, rest in product(picked, product(*more))
    ]


def _paged(operation: Operation) -> dict[str, str]:
    paged = {"/api/v1/approvals/": {"view": "inbox"}, "/api/v1/reports/": {}}
    return paged.get(operation.prefix, {})


def _column(key: str, row: Mapping[str, Any]) -> str:
    return key if key in row else "id"


def _fresh(value: Any) -> Any:
    return SimpleUploadedFile(*value) if isinstance(value, tuple) else value


def _object(serializer: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, field in fields_of(serializer).items():
        value = sample(name, field)
        if value is not empty:
            made[name] = value
    return made


def sample(name: str, field: Any) -> Any:
    """Return a valid value of a field; `empty` for an optional one without a sample."""
    if name in SAMPLES and not isinstance(field, serializers.BaseSerializer):
        return SAMPLES[name](field)
    if isinstance(field, serializers.ListSerializer | serializers.ListField):
        child = field.child
        inner = _object(child) if isinstance(child, serializers.Serializer) else sample(name, child)
        return [inner] if field.required else empty
    if isinstance(field, serializers.Serializer):
        return _object(field)
    if not field.required:
        return empty
    for kind, made in KINDS:
        if isinstance(field, kind):
            return made(field)
    return "甲"


KINDS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (serializers.ChoiceField, lambda field: next(iter(field.choices))),
    (fields.MoneyField, lambda field: "12.50"),
    (fields.IdField, lambda field: 1),
    (fields.QuantityField, lambda field: max(1, field.least)),
    (fields.FlagField, lambda field: False),
    (fields.MomentField, lambda field: timezone.now().isoformat()),
    (fields.DayField, lambda field: business_day(timezone.now()).isoformat()),
    (fields.CodeField, lambda field: "BAD-INPUT-1"),
    (fields.StrictCharField, lambda field: "因为需要"),
    (serializers.DictField, lambda field: {}),
)


def _soon(days: int) -> str:
    return (timezone.now() + dt.timedelta(days=days)).isoformat()


def _today() -> str:
    return business_day(timezone.now()).isoformat()


def cast_rows(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Return rows of columns as plain dictionaries."""
    return [dict(row) for row in rows]


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


SAMPLES: dict[str, Callable[[Any], Any]] = {
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
    "order": lambda field: shipped_order().number,
    "reason": lambda field: "因为需要",
    "currency": lambda field: "CNY",
    "starts_at": lambda field: _soon(1),
    "ends_at": lambda field: _soon(9),
    "placed_at": lambda field: _soon(0),
    "paid_at": lambda field: _soon(0),
    "file": lambda field: ("statement.csv", "渠道,日期\n天猫,2026-01-01\n".encode(), "text/csv"),
}
INNER: dict[str, Callable[[], list[Any]]] = {"sheet": lambda: [1, 2, 3]}
KEYS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "/api/v1/reports/{name}/runs/{id}/": lambda: cast_rows(
        ReportRun.objects.order_by("pk").values("name", "id")[:MOST_TARGETS]
    ),
    "/api/v1/approvals/{id}/": lambda: cast_rows(
        Request.objects.filter(state="submitted").order_by("-pk").values("id")
    ),
    "/api/v1/journal-entries/{voucher}/post/": lambda: [
        {"voucher": number} for number in ManualEntry.objects.values_list("number", flat=True)
    ],
}
QUERIES: dict[str, Callable[[], dict[str, Any]]] = {
    "GET /prices/": lambda: {"sku": _code(Sku)(None), "channel": _code(Channel)(None)},
    "GET /stock/trace/": lambda: {"supplier": _code(Supplier)(None)},
}


def _month() -> str:
    return f"{business_day(timezone.now()):%Y-%m}"


BODIES: dict[str, Callable[[], dict[str, Any]]] = {
    "POST /approvals/{id}/answer/": lambda: {
        "question_id": _id(Question)(None),
        "answer": "因为成本上涨",
    },
    "POST /approvals/bulk/": lambda: {"items": [{"id": _id(Request, state="submitted")(None)}]},
    "POST /breaks/{id}/resolve/": lambda: {"code": "transit", "reason": "已说明"},
    "POST /clocks/{id}/extend/": lambda: {"until": _soon(30), "reason": "等待渠道答复"},
    "POST /customers/{id}/reveal/": lambda: {"field": "phone", "purpose": "shipping"},
    "POST /journal-entries/": lambda: {
        "business_day": _today(),
        "memo": "手续费",
        "currency": "CNY",
        "lines": [{"account": "6602", "debit": "5.00"}, {"account": "1002", "credit": "5.00"}],
    },
    "POST /reports/{name}/runs/": lambda: {"period": _month(), "format": "xlsx"},
    "POST /stock-counts/{id}/sheets/{sheet}/lines/": lambda: {
        "lines": [{"sku": _code(Sku)(None), "quantity": 1}]
    },
}
NEVER_ACCEPTED: dict[str, str] = {
    "GET /lots/{id}/": "the company keeps no goods by lot",
    "POST /auth/login/": "needs a one-time code, which is good for one minute and once",
    "POST /receipt-discrepancies/": "needs a pure shortage to be set right by the keeper first",
    "POST /stock-counts/{id}/recount/": "needs a difference above the tolerance and a third person",
    "POST /stock-counts/{id}/submit/": "needs every difference explained first",
    "POST /price-changes/{id}/impact/": "answers 501 until the replay is there",
    "POST /settlement-files/": "a statement is a file in the channel's own form; tables test those",
    "GET /anomalies/{id}/": "no figure of the company is out of its range",
    "POST /anomalies/{id}/close/": "no figure of the company is out of its range",
    "POST /anomalies/{id}/explain/": "no figure of the company is out of its range",
    "GET /audit/anchors/{id}/": "the sealer sees no open transaction; the audit tests read anchors",
    "POST /audit/bundles/": "needs a sealed day; the audit tests make bundles",
    "GET /audit/bundles/{id}/": "needs a sealed day; the audit tests make bundles",
    "GET /audit/bundles/{id}/file/": "needs a sealed day; the audit tests make bundles",
    "GET /metrics/{key}/": "needs the period of a metric that has figures",
    "POST /orders/merge/": "needs two open orders of one recipient",
    "POST /orders/{number}/unmerge/": "needs a joint parcel",
    "POST /receipts/{id}/carton/": "needs a carton code of goods of that receipt",
    "POST /scorecards/{id}/confirm/": "needs every mark of the card",
    "POST /scorecards/{id}/decide/": "needs an objection",
    "POST /scorecards/{id}/mark/": "needs a criterion by name and its evidence",
    "POST /scorecards/{id}/object/": "needs a published card",
    "POST /scorecards/{id}/publish/": "needs a confirmed card",
    "POST /sheets/cases/{id}/close/": "needs a remedied case",
    "POST /sheets/cases/{id}/remedy/": "belongs to the owner of the case",
    "POST /sheets/{id}/answers/": "needs an item by name and a value of its kind",
    "POST /sheets/{id}/return/": "needs a signed sheet",
    "POST /sheets/{id}/sign/": "needs the digest of what was answered",
    "POST /sheets/{id}/void/": "belongs to the owner of the template",
    "POST /shelf-lives/": "needs a category that nobody decided for",
    "GET /shelf-lives/{id}/": "no category has a shelf life of its own",
}
