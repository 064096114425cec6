"""Requests in a row, each going on from what the last ones left (S26).

A walk picks an operation, somebody, and a thing that earlier answers named, again and again: so
documents are met in states no single request finds them in, decided twice, cancelled and shipped.
Whatever comes is answered as the document says; who may not gets 403, nobody 401, and neither
changes anything; what a request made is there for whoever made it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest

from tests.badinput.bodies import Example, valid_body
from tests.badinput.examples import QUERIES
from tests.badinput.ground import Ground, changed, state_hash, undone
from tests.badinput.judging import FULL
from tests.badinput.operations import UNSAFE, Operation, operations
from tests.badinput.test_document import NOT_BUILT, TRUE_ANSWER, complaints, described

WALKS, STEPS = (40, 400) if FULL else (2, 90)
KEPT = 6  # things remembered of one list: few, so that a walk comes back to the same ones
ENDED = 7  # every seventh step somebody who may not, or nobody, tries the same
OPERATIONS = [one for one in operations() if not one.is_form and "/auth/" not in one.path]


@dataclass
class Walk:
    """One walk: what it knows, and what was wrong."""

    ground: Ground
    dice: random.Random
    known: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)

    def go(self) -> None:
        """Take the steps, and go back to the company as founded."""
        with undone():
            bodies = {one: valid_body(one) for one in OPERATIONS}  # as the company is founded
            for step in range(STEPS):
                operation = self.dice.choice(self.writing if step % 3 else OPERATIONS)
                if (asked := self._asked(operation, bodies[operation])) is not None:
                    self._step(operation, asked)
                    if step % ENDED == 0:
                        self._strangers(operation, asked)

    @cached_property
    def writing(self) -> list[Operation]:
        """Return what changes something."""
        return [one for one in OPERATIONS if one.method in UNSAFE]

    def _asked(self, operation: Operation, body: dict[str, Any]) -> Example | None:
        """Return a request for something the walk knows; None where it knows nothing."""
        may = self.ground.who_may(operation.policy)
        if not may or len(operation.keys) > 1:
            return None
        account = self.dice.choice(may[:4])
        keys: dict[str, Any] = {}
        if operation.keys:
            rows = self._rows(operation.prefix, account)
            if not rows:
                return None
            row = self.dice.choice(rows)
            keys = {operation.keys[0]: row.get(operation.keys[0], row.get("id"))}
        return Example(account, keys, body, 0)

    def _rows(self, prefix: str, account: str) -> list[dict[str, Any]]:
        if prefix not in self.known:
            answer = self.ground.api(account).get(prefix)
            told = answer.json() if answer.status_code == 200 else {}
            rows = told.get("results", []) if isinstance(told, dict) else []
            self.known[prefix] = [row for row in rows[:KEPT] if isinstance(row, dict)]
        return self.known[prefix]

    def _step(self, operation: Operation, asked: Example) -> None:
        case = _case(operation, asked)
        answer = self._call(case, asked.account)
        self.answers[answer.status_code] += 1
        why = complaints(case, answer, TRUE_ANSWER)
        if why and operation.name not in NOT_BUILT:
            self._say(operation, asked, answer, why)
        if answer.status_code == 201 and not operation.keys:
            self._made(operation, asked, answer.json())

    def _call(self, case: Any, account: str) -> Any:
        token = {"Authorization": f"Token {self.ground.tokens[account]}"} if account else {}
        return case.call(headers=token)

    def _made(self, operation: Operation, asked: Example, told: Any) -> None:
        """Remember what was made, and look whether it is there."""
        rows = self.known.setdefault(operation.path, [])
        if isinstance(told, dict):
            rows.insert(0, told)
        for detail in OPERATIONS:
            is_its = detail.prefix == operation.path and detail.method == "GET"
            if not is_its or len(detail.keys) != 1 or not detail.path.endswith("}/"):
                continue
            key = told.get(detail.keys[0], told.get("id"))
            look = Example(asked.account, {detail.keys[0]: key}, {}, 0)
            found = self._call(_case(detail, look), asked.account)
            may = detail.policy.allows(self.ground.actors[asked.account])
            if key is not None and may and found.status_code != 200:
                self._say(detail, asked, found, "was made and is not there")

    def _strangers(self, operation: Operation, asked: Example) -> None:
        before = state_hash()
        for account, status in self._shut_out(operation):
            answer = self._call(_case(operation, asked), account)
            if answer.status_code != status:
                self._say(operation, asked, answer, f"{account or 'nobody'} is not refused")
        if tables := changed(before):
            self.wrong.append(f"{operation.name}: refusals changed {tables}")

    def _shut_out(self, operation: Operation) -> Iterator[tuple[str, int]]:
        others = [n for n, one in self.ground.actors.items() if not operation.policy.allows(one)]
        if others:
            yield self.dice.choice(others), 403
        if not operation.policy.public:
            yield "", 401

    def _say(self, operation: Operation, asked: Example, answer: Any, why: str) -> None:
        told = answer.content[:200].decode(errors="replace")
        keys = dict(asked.keys)
        self.wrong.append(f"{operation.name} {keys} {asked.account}: {why} {told}")


def _case(operation: Operation, asked: Example) -> Any:
    made: dict[str, Any] = {
        "path_parameters": dict(asked.keys),
        "query": QUERIES.get(operation.name, dict)(),
    }
    if operation.method != "GET" and operation.serializer is not None:
        made |= {"body": asked.body, "media_type": "application/json"}
    return described()[operation.name].Case(**made)


@pytest.mark.parametrize("seed", range(WALKS))
def test_requests_in_a_row_meet_no_bug(ground: Ground, seed: int) -> None:
    walk = Walk(ground, random.Random(seed))  # noqa: S311 - a walk to repeat, no secret

    walk.go()

    assert walk.wrong == []
    assert sum(count for status, count in walk.answers.items() if status < 300) > STEPS // 8
