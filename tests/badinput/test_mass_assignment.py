"""Nobody writes a field that is not offered: every model's fields into every body (S6)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from rest_framework import serializers

from ops.engines.http.serializers import StrictSerializer
from tests.badinput.bodies import example, send
from tests.badinput.corpus import sampled
from tests.badinput.ground import Ground
from tests.badinput.judging import FULL, Verdicts, asked, one_by_one, parted, seed_of, why_wrong
from tests.badinput.operations import Operation, fields_of, name_of, operations

WRITING = [one for one in operations() if one.method in {"POST", "PATCH", "PUT"}]
KEEN = ("is_superuser", "is_staff", "password", "id", "pk", "state", "approval_id", "person_id")
AT_ONCE = 40
SINGLE, BATCHES = 1, 2
"""In a sample: names sent alone, and names sent by the batch, other ones for every operation."""


@cache
def model_fields() -> tuple[str, ...]:
    """Return the names of all fields of all models, and their columns."""
    names = set(KEEN)
    for model in apps.get_models():
        for field in model._meta.get_fields():
            names |= {field.name, getattr(field, "attname", field.name)}
    return tuple(sorted(names))


@pytest.mark.parametrize("part", parted(WRITING), ids=lambda part: part[0].name)
def test_no_model_field_is_taken_that_a_body_does_not_offer(
    ground: Ground, part: Sequence[Operation]
) -> None:
    verdicts = Verdicts()

    for operation in one_by_one(verdicts, part, name_of):
        _send_strangers(ground, operation, verdicts)

    verdicts.hold()


def _send_strangers(ground: Ground, operation: Operation, verdicts: Verdicts) -> None:
    valid = example(ground, operation)
    offered = fields_of(operation.serializer) if operation.serializer else {}
    strangers = [name for name in model_fields() if name not in offered]
    batches = [strangers[at : at + AT_ONCE] for at in range(0, len(strangers), AT_ONCE)]
    seed = seed_of(operation.name)

    for batch in batches if FULL else sampled(batches, BATCHES, seed):
        answer = asked(send, ground, operation, valid, {**valid.body, **dict.fromkeys(batch, 1)})
        if why := why_wrong(answer):
            verdicts.say(operation.name, batch, answer, why)
            continue
        named = {entry["pointer"].lstrip("/") for entry in answer.json()["errors"]}
        if answer.status_code != 400 or not named >= set(batch):
            verdicts.say(operation.name, set(batch) - named, answer, "are not named")
    keen = [name for name in KEEN if name not in offered]
    for name in strangers if FULL else sampled(keen, SINGLE, seed):
        answer = asked(send, ground, operation, valid, {**valid.body, name: 1})
        if why := why_wrong(answer, pointer=f"/{name}"):
            verdicts.say(operation.name, name, answer, why)


def test_every_body_is_read_by_a_strict_serializer() -> None:
    loose = [
        one.name
        for one in operations()
        if one.serializer is not None and not isinstance(one.serializer, StrictSerializer)
    ]

    assert loose == []


def test_every_part_of_a_body_is_strict_and_has_a_limit() -> None:
    wrong = []

    def look(name: str, field: Any) -> None:
        if isinstance(field, serializers.ListField | serializers.ListSerializer):
            if getattr(field, "max_length", None) is None:
                wrong.append(f"{name} has no longest length")
            look(f"{name}/0", field.child)
        elif isinstance(field, serializers.Serializer):
            if not isinstance(field, StrictSerializer):
                wrong.append(f"{name} is not strict")
            for inner, one in fields_of(field).items():
                look(f"{name}/{inner}", one)

    for one in operations():
        if one.serializer is not None:
            look(one.name, one.serializer)

    assert wrong == []
