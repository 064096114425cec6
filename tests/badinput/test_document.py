"""The OpenAPI document is true: what it says is answered, what it forbids is refused (S26)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from tests.badinput.bodies import Example, example
from tests.badinput.examples import QUERIES
from tests.badinput.ground import Ground, undone
from tests.badinput.judging import FULL, drawn, shown
from tests.badinput.operations import Operation, name_of, operations

MOST, MOST_VALID = 12, 100  # operations in a sample
LENGTH = 200 if FULL else 2
"""Invented requests per operation and role; `python -m tests.faults` asks for more."""
TRUE_ANSWER = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
NOT_BUILT: set[str] = set()


@cache
def document() -> Any:
    """Return the product's own document, fetched as any program fetches it."""
    return schemathesis.openapi.from_wsgi("/api/schema/", get_wsgi_application())


@cache
def described() -> dict[str, Any]:
    """Return what the document says of each operation, by our names."""
    found = {}
    for result in document().get_all_operations():
        one = result.ok()
        found[f"{one.method.upper()} {one.path.removeprefix('/api/v1')}"] = one
    return found


def roles(ground: Ground, operation: Operation) -> Iterator[str]:
    """Yield somebody who may, somebody who may not (or another who may), and nobody."""
    allowed = ground.who_may(operation.policy)
    yield example(ground, operation).account
    others = [name for name in ground.actors if name not in allowed]
    yield others[0] if others else allowed[-1]
    yield ""


def call(ground: Ground, case: Any, account: str) -> Any:
    """Send a case as an account; whatever it did is undone."""
    headers = {"Authorization": f"Token {ground.tokens[account]}"} if account else {}
    with undone():
        return case.call(headers=headers)


def complaints(case: Any, response: Any, wanted: list[Any]) -> str:
    """Return what the checks found, empty when nothing."""
    try:
        case.validate_response(response, checks=wanted)
    except (Failure, FailureGroup) as failure:
        inner = getattr(failure, "exceptions", [failure])
        return "; ".join(f"{one.title}: {_brief(one.message)}" for one in inner)
    return ""


def _brief(message: str) -> str:
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return " ".join(line for line in lines if not line.startswith(("{", "}", '"')))[:300]


def test_the_document_is_made_without_a_guess(ground: Ground) -> None:
    GENERATOR_STATS.reset()
    generator: Any = SchemaGenerator()  # type: ignore[no-untyped-call]
    generator.get_schema(request=None, public=True)

    assert GENERATOR_STATS._warn_cache == {}
    assert GENERATOR_STATS._error_cache == {}


def test_the_document_describes_every_operation(ground: Ground) -> None:
    assert set(described()) == {one.name for one in operations()}


def test_every_valid_request_is_answered_as_described(ground: Ground) -> None:
    wrong = []

    for operation in drawn(operations(), MOST_VALID, name_of):
        valid = example(ground, operation)
        if operation.is_form or operation.name in NOT_BUILT:
            continue
        case = _case(operation, valid)
        response = call(ground, case, valid.account)
        if why := complaints(case, response, TRUE_ANSWER):
            wrong.append(f"{operation.name} {response.status_code}: {why}")

    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


def _case(operation: Operation, valid: Example) -> Any:
    made: dict[str, Any] = {
        "path_parameters": dict(valid.keys),
        "query": QUERIES.get(operation.name, dict)(),
        "headers": {"If-Match": valid.version} if valid.version else {},
    }
    if operation.method != "GET" and operation.serializer is not None:
        made |= {"body": valid.body, "media_type": "application/json"}
    return described()[operation.name].Case(**made)


INVENTED = drawn(operations(), MOST, name_of)


@pytest.mark.parametrize("operation", INVENTED, ids=name_of)
def test_invented_requests_are_answered_as_described(ground: Ground, operation: Operation) -> None:
    valid = example(ground, operation)
    for role in roles(ground, operation):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _invent(ground, operation, valid, role, mode)


def _invent(
    ground: Ground, operation: Operation, valid: Example, role: str, mode: GenerationMode
) -> None:
    one = described()[operation.name]
    keys = {name: str(key) for name, key in valid.keys.items()} or None
    try:
        strategy = one.as_strategy(mode, path_parameters=keys)
    except schemathesis.errors.InvalidSchema:
        return
    wanted = [*TRUE_ANSWER]
    if mode is GenerationMode.NEGATIVE:
        wanted.append(checks.negative_data_rejection)

    @settings(
        max_examples=LENGTH if FULL or role == valid.account else 1,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def invented(case: Any) -> None:
        response = call(ground, case, role)
        why = complaints(case, response, wanted)
        if not role and not operation.policy.public and response.status_code != 401:
            why += f" nobody was answered {response.status_code}"
        if why and operation.name not in NOT_BUILT:
            sent = {"path": case.path_parameters, "query": case.query, "body": case.body}
            pytest.fail(
                f"{operation.name} as {role or 'nobody'} {shown(sent)}: {why}", pytrace=False
            )

    # Nothing to get wrong: no query, no body, and the path is that of a real thing.
    with suppress(Unsatisfiable):
        invented()
