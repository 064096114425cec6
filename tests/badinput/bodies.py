"""A valid request for every operation: built from its serializer, tried until it is accepted.

What a serializer cannot know stands in `examples`: whose door it is, on what, with which body.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework import serializers
from rest_framework.fields import empty

from ops.engines.http import fields
from ops.engines.kernel.parse import business_day
from tests.badinput.examples import BODIES, INNER, KEYS, NEVER_ACCEPTED, QUERIES, SAMPLES, WHO
from tests.badinput.ground import Ground, undone
from tests.badinput.operations import Operation, fields_of

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
    body = valid_body(operation)
    most = 1 if operation.name in NEVER_ACCEPTED else MOST_ACCOUNTS
    accounts = [*WHO.get(operation.name, ()), *ground.who_may(operation.policy)[:most]]
    best = Example(accounts[0], dict.fromkeys(operation.keys, 1), body, 599)
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
    if operation.name in KEYS:
        return KEYS[operation.name]()
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
    return {"view": "inbox"} if operation.prefix == "/api/v1/approvals/" else {}


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
