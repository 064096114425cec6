"""Every field of every body refuses what is not of its kind; nothing changes (section 4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from rest_framework import serializers

from tests.badinput.bodies import Example, example, send
from tests.badinput.corpus import MARK, ODD, PERSONAL, bad_values, kind_of, sampled
from tests.badinput.ground import Ground
from tests.badinput.judging import (
    FULL,
    Verdicts,
    asked,
    drawn,
    one_by_one,
    parted,
    seed_of,
    why_wrong,
)
from tests.badinput.operations import Operation, fields_of, name_of, operations

BODIED = [one for one in operations() if one.serializer is not None and not one.is_form]
MOST_BAD, MOST_ODD = (1000, 1000) if FULL else (2, 1)
MOST_PERSONAL = 12  # operations in a sample that are sent personal texts
Place = tuple[str | int, ...]


def places(serializer: Any, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every field with its place in the body; lists are entered at their first entry."""
    for name, field in fields_of(serializer).items():
        yield (*at, name), field
        child = getattr(field, "child", None)
        if isinstance(child, serializers.Serializer):
            yield from places(child, (*at, name, 0))
        elif isinstance(field, serializers.ListField) and child is not None:
            yield (*at, name, 0), child
        elif isinstance(field, serializers.Serializer):
            yield from places(field, (*at, name))


def with_value(body: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """Return the body with one value at a place; what is missing on the way is made."""
    made = deepcopy(body)
    holder: Any = made
    for step, following in pairwise(place):
        if isinstance(step, int):
            if not holder:
                holder.append([] if isinstance(following, int) else {})
            holder = holder[step]
            continue
        if not holder.get(step):
            holder[step] = [] if isinstance(following, int) else {}
        holder = holder[step]
    last = place[-1]
    if isinstance(last, int) and not holder:
        holder.append(value)
    else:
        holder[last] = value
    return made


def pointer(place: Place) -> str:
    """Return where an error about a place may point: its list, when it says so of the whole."""
    return "/" + str(place[0])


def refusals(ground: Ground, operation: Operation, valid: Example, verdicts: Verdicts) -> None:
    seed = seed_of(operation.name)
    for turn, (place, field) in enumerate(places(operation.serializer)):
        for value in sampled(bad_values(field), MOST_BAD, seed + turn):
            body = with_value(valid.body, place, value)
            answer = asked(send, ground, operation, valid, body)
            if why := why_wrong(answer, pointer=pointer(place)):
                verdicts.say(operation.name, {"/".join(map(str, place)): value}, answer, why)
        odd = list(ODD[kind_of(field)]) if FULL or turn % 2 else []
        for value in sampled(odd, MOST_ODD, seed + turn):
            body = with_value(valid.body, place, value)
            answer = asked(send, ground, operation, valid, body)
            if why := why_wrong(answer, may_accept=True):
                verdicts.say(operation.name, {"/".join(map(str, place)): value}, answer, why)


@pytest.mark.parametrize("part", parted(BODIED), ids=lambda part: part[0].name)
def test_a_field_refuses_what_is_not_of_its_kind(ground: Ground, part: Sequence[Operation]) -> None:
    verdicts = Verdicts()

    for operation in one_by_one(verdicts, part, name_of):
        refusals(ground, operation, example(ground, operation), verdicts)

    verdicts.hold()


def test_no_refusal_repeats_a_personal_text(ground: Ground) -> None:
    verdicts = Verdicts()

    for operation in drawn(BODIED, MOST_PERSONAL, name_of):
        valid = example(ground, operation)
        for turn, (place, field) in enumerate(places(operation.serializer)):
            for value in sampled(list(PERSONAL), 4 if FULL else 1, turn):
                body = with_value(valid.body, place, value)
                answer = asked(send, ground, operation, valid, body)
                if MARK in answer.content.decode(errors="replace"):
                    verdicts.say(operation.name, place, answer, f"repeats a {kind_of(field)}")

    verdicts.hold()
