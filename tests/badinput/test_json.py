"""Bodies that are no honest JSON, and headers nobody should send (section 5)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework import serializers

from tests.badinput.bodies import Example, example, send
from tests.badinput.corpus import sampled
from tests.badinput.ground import Ground
from tests.badinput.judging import (
    FULL,
    Verdicts,
    asked,
    drawn,
    one_by_one,
    seed_of,
    unchanged,
    why_wrong,
)
from tests.badinput.operations import Operation, fields_of, name_of, operations

WRITING = [one for one in operations() if one.method in {"POST", "PATCH", "PUT"}]
READING = [one for one in operations() if one.method == "GET"]
JSONED = [one for one in WRITING if not one.is_form]
MOST_BODIES, MOST_LISTS, MOST_VERBS = (1000, 1000, 1000) if FULL else (3, 12, 24)
MOST_VALUES = 1000 if FULL else 1
JSON = "application/json"
DEEP = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
BOMB = gzip.compress(b"[" + b" " * 5_000_000 + b"]")
MANY = 10_000
Body = tuple[bytes, str, dict[str, str]]


def _twin(raw: bytes) -> bytes:
    inner = raw[1:-1]
    first = inner or b'"a":1'
    return b"{" + first + b"," + first + b"}"


def bodies(valid: dict[str, Any]) -> dict[str, Body]:
    """Return every dishonest way to send a valid body."""
    raw = json.dumps(valid).encode()
    text = raw.decode()
    return {
        "one key twice": (_twin(raw), JSON, {}),
        "depth 100,000": (DEEP, JSON, {}),
        "depth 40": (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", JSON, {}),
        "5,000 digits": (b'{"a":' + b"9" * 5000 + b"}", JSON, {}),
        "a huge exponent": (b'{"a":1e400}', JSON, {}),
        "NaN": (b'{"a":NaN}', JSON, {}),
        "Infinity": (b'{"a":-Infinity}', JSON, {}),
        "UTF-16": (text.encode("utf-16"), JSON, {}),
        "UTF-16 without mark": (text.encode("utf-16-le"), JSON, {}),
        "byte order mark": (b"\xef\xbb\xbf" + raw, JSON, {}),
        "GBK": (json.dumps({"a": "中文"}, ensure_ascii=False).encode("gbk"), JSON, {}),
        "lone surrogate": (b'{"a":"\\ud800"}', JSON, {}),
        "lone surrogate as key": (b'{"\\ud800":1}', JSON, {}),
        "trailing text": (raw + b" x", JSON, {}),
        "two documents": (raw + raw, JSON, {}),
        "half": (raw[: len(raw) // 2] or b"{", JSON, {}),
        "a list": (b"[]", JSON, {}),
        "a list of bodies": (b"[" + raw + b"]", JSON, {}),
        "a text": (b'"a"', JSON, {}),
        "a number": (b"1", JSON, {}),
        "null": (b"null", JSON, {}),
        "comments": (b"{/**/}", JSON, {}),
        "no content type": (raw, "", {}),
        "plain text": (raw, "text/plain", {}),
        "XML": (b"<a/>", "application/xml", {}),
        "a form": (b"a=1", "application/x-www-form-urlencoded", {}),
        "multipart": (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", {}),
        "gzip": (gzip.compress(raw), JSON, {"HTTP_CONTENT_ENCODING": "gzip"}),
        "gzip bomb": (BOMB, JSON, {"HTTP_CONTENT_ENCODING": "gzip"}),
        "gzip unsaid": (gzip.compress(raw), JSON, {}),
        "a length in words": (raw, JSON, {"CONTENT_LENGTH": "ten"}),
        "an empty key": (raw, JSON, {"HTTP_IDEMPOTENCY_KEY": ""}),
        "a key of 256": (raw, JSON, {"HTTP_IDEMPOTENCY_KEY": "k" * 256}),
        "a key in Chinese": (raw, JSON, {"HTTP_IDEMPOTENCY_KEY": "键"}),
        "a key with NUL": (raw, JSON, {"HTTP_IDEMPOTENCY_KEY": "k\x00"}),
        "a stranger": (json.dumps({**valid, "is_superuser": True}).encode(), JSON, {}),
    }


def _sent(ground: Ground, operation: Operation, valid: Example, body: Body) -> Callable[[], Any]:
    raw, kind, headers = body
    extra: dict[str, Any] = dict(headers)
    if valid.version:
        extra["HTTP_IF_MATCH"] = valid.version
    client: Any = ground.api(valid.account)
    address = operation.address(dict(valid.keys))
    return lambda: client.generic(operation.method, address, raw, content_type=kind, **extra)


def test_no_operation_reads_a_dishonest_body(ground: Ground) -> None:
    verdicts = Verdicts()

    for operation in one_by_one(verdicts, JSONED, name_of):
        valid = example(ground, operation)
        cases = bodies(valid.body)
        for name in sampled(sorted(cases), MOST_BODIES, seed_of(operation.name)):
            answer = asked(_sent(ground, operation, valid, cases[name]))
            if why := why_wrong(answer):
                verdicts.say(operation.name, name, answer, why)

    verdicts.hold()


def test_ten_thousand_entries_are_refused_in_time(ground: Ground) -> None:
    verdicts, tried = Verdicts(), 0
    found = [
        (operation, name)
        for operation in JSONED
        if operation.serializer is not None
        for name, field in fields_of(operation.serializer).items()
        if isinstance(field, serializers.ListField | serializers.ListSerializer)
    ]

    for operation, name in one_by_one(verdicts, drawn(found, MOST_LISTS, _of_list), _of_list):
        valid = example(ground, operation)
        one = (valid.body.get(name) or [{}])[0]
        tried += 1
        answer = asked(send, ground, operation, valid, {**valid.body, name: [one] * MANY})
        if why := why_wrong(answer):
            verdicts.say(operation.name, {name: MANY}, answer, why)

    assert tried > 10
    verdicts.hold()


def _of_list(found: tuple[Operation, str]) -> str:
    operation, name = found
    return f"{operation.name} {name}"


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "CONNECT", "PROPFIND", "GET\x00", "get"])
def test_no_address_answers_another_verb(ground: Ground, method: str) -> None:
    verdicts = Verdicts()

    for operation in drawn(operations(), MOST_VERBS, lambda one: f"{method} {one.name}"):
        valid = example(ground, operation)
        address = operation.address(dict(valid.keys))
        client = ground.api(valid.account)
        answer = asked(client.generic, method, address)
        why = why_wrong(answer, may_accept=method == "get")
        if why or (method != "get" and answer.status_code != 405):
            verdicts.say(operation.name, method, answer, why or f"{answer.status_code}, not 405")

    verdicts.hold()


@pytest.mark.parametrize(
    "header", ["HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_HTTP_METHOD", "HTTP_X_METHOD_OVERRIDE"]
)
def test_a_header_does_not_change_the_verb(ground: Ground, header: str) -> None:
    verdicts = Verdicts()

    reading = drawn(READING, MOST_VERBS, lambda one: f"{header} {one.name}")
    for operation in one_by_one(verdicts, reading, name_of):
        valid = example(ground, operation)
        for verb in sampled(["POST", "DELETE", "PATCH"], MOST_VALUES, seed_of(operation.name)):
            answer = asked(send, ground, operation, valid, **{header: verb})
            if answer.status_code != valid.status and valid.accepted:
                verdicts.say(operation.name, verb, answer, "another verb answered")

    verdicts.hold()


def test_head_answers_like_get_without_a_body(ground: Ground) -> None:
    verdicts = Verdicts()

    for operation in drawn(READING, MOST_VERBS, name_of):
        valid = example(ground, operation)
        if not valid.accepted:
            continue
        query = send(ground, operation, valid).request["QUERY_STRING"]
        address = f"{operation.address(dict(valid.keys))}?{query}"
        answer = asked(ground.api(valid.account).head, address)
        if answer.status_code != valid.status:
            verdicts.say(operation.name, "HEAD", answer, f"answered {answer.status_code}")

    verdicts.hold()


def test_an_update_needs_the_version_it_was_made_from(ground: Ground) -> None:
    verdicts, tried = Verdicts(), 0

    for operation in operations():
        if operation.method not in {"PATCH", "PUT"}:
            continue
        valid = example(ground, operation)
        tried += 1
        with unchanged(verdicts, operation.name):
            for sent, status in (('"stale"', 412), ("*", 412), ("", 412), (None, 428)):
                headers = {} if sent is None else {"HTTP_IF_MATCH": sent}
                address = operation.address(dict(valid.keys))
                update = getattr(ground.api(valid.account), operation.method.lower())
                answer = asked(update, address, valid.body, format="json", **headers)
                if answer.status_code != status:
                    verdicts.say(operation.name, sent, answer, f"answered {answer.status_code}")

    assert tried
    verdicts.hold()


def test_a_key_of_somebody_else_gives_nothing_away(ground: Ground) -> None:
    verdicts = Verdicts()

    for operation in one_by_one(verdicts, drawn(JSONED, MOST_VERBS, name_of), name_of):
        valid = example(ground, operation)
        others = [name for name in ground.who_may(operation.policy) if name != valid.account]
        if operation.method != "POST" or not valid.accepted or not others:
            continue
        first, second = asked_twice(ground, operation, valid, others[0])
        if "Idempotency-Replayed" in second.headers or first.status_code >= 400:
            verdicts.say(operation.name, others[0], second, "was given another person's answer")

    verdicts.hold()


def asked_twice(
    ground: Ground, operation: Operation, valid: Example, other: str
) -> tuple[Any, Any]:
    """Send one key as two people; both are undone together."""
    answers: list[Any] = []

    def both() -> Any:
        key = {"HTTP_IDEMPOTENCY_KEY": "one-key-of-two-people"}
        answers.append(send(ground, operation, valid, **key))
        asking = Example(other, valid.keys, valid.body, 0, valid.version)
        answers.append(send(ground, operation, asking, **key))
        return answers[0]

    asked(both)
    return answers[0], answers[1]
