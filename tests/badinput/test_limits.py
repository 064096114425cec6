"""Nothing is unlimited: page, depth, body, header, text (S19)."""

from __future__ import annotations

from django.conf import settings

from ops.engines.http.parsers import MAX_DEPTH, MAX_ITEMS
from tests.badinput.bodies import example, send
from tests.badinput.corpus import sampled
from tests.badinput.ground import Ground
from tests.badinput.judging import (
    FULL,
    SLOWEST,
    Verdicts,
    asked,
    drawn,
    one_by_one,
    seed_of,
    why_wrong,
)
from tests.badinput.operations import UNSAFE, name_of, operations

WRITING = [one for one in operations() if one.method in UNSAFE and not one.is_form]
BODIED = [one for one in WRITING if one.serializer is not None]
MOST, MOST_EVIL = (1000, 1000) if FULL else (1, 12)


def test_a_body_over_the_limit_is_refused_everywhere_whatever_its_length_says(
    ground: Ground,
) -> None:
    verdicts = Verdicts()

    for operation in one_by_one(verdicts, WRITING, name_of):
        valid = example(ground, operation)
        address = operation.address(dict(valid.keys))
        client, most = ground.api(valid.account), operation.view.max_body
        raw = b'{"a":"' + b"x" * most + b'"}'
        for said in sampled([str(len(raw)), str(10**15)], MOST, seed_of(operation.name)):
            answer = asked(
                client.generic,
                operation.method,
                address,
                raw,
                content_type="application/json",
                CONTENT_LENGTH=said,
            )
            if why := why_wrong(answer):
                verdicts.say(operation.name, f"length {said}", answer, why)
            elif answer.status_code != 413:
                verdicts.say(operation.name, f"length {said}", answer, "no 413")

    verdicts.hold()


def test_depth_and_entries_end_where_the_parser_says(ground: Ground) -> None:
    verdicts = Verdicts()
    deep: object = 1
    for _step in range(MAX_DEPTH + 1):
        deep = [deep]

    cases = [(deep, "input.json_depth"), ([1] * (MAX_ITEMS + 1), "input.json_items")]

    for operation in one_by_one(verdicts, WRITING, name_of):
        valid = example(ground, operation)
        for value, code in sampled(cases, MOST, seed_of(operation.name)):
            answer = asked(send, ground, operation, valid, {"a": value})
            if answer.status_code != 400 or answer.json()["code"] != code:
                verdicts.say(operation.name, code, answer, f"answered {answer.status_code}")

    verdicts.hold()


def test_evil_texts_for_patterns_are_read_in_time(ground: Ground) -> None:
    verdicts = Verdicts()
    evil = ("0" * 200_000, "-" * 200_000, '"\\' * 100_000, "a " * 100_000, "1." * 100_000)

    for operation in drawn(BODIED, MOST_EVIL, name_of):
        valid = example(ground, operation)
        for text in evil:
            body = dict.fromkeys(valid.body, text)
            answer = asked(send, ground, operation, valid, body)
            if answer.seconds > SLOWEST or answer.status_code >= 500:
                verdicts.say(operation.name, text[:5], answer, "took too long or broke")

    verdicts.hold()


def test_forms_and_uploads_are_capped_by_the_framework() -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE <= 10 * 1024 * 1024
    assert settings.DATA_UPLOAD_MAX_NUMBER_FIELDS <= 5_000
    assert settings.DATA_UPLOAD_MAX_NUMBER_FILES <= 100
