"""A record's head: what stands there, and what waits one tap further."""

from typing import Any

import pytest

from ops.engines.desk.records import Action, ShownAction, at_head


def shown(key: str, *, why_not: str = "", **more: Any) -> ShownAction:
    return ShownAction(Action(key=key, label=key, **more), why_not)


def keys(actions: list[ShownAction]) -> list[str]:
    return [each.action.key for each in actions]


def test_a_few_actions_stand_at_the_head_as_declared() -> None:
    few = [shown("a", why_not="Not now."), shown("b", is_danger=True), shown("c"), shown("d")]

    first, more = at_head(few)

    assert (keys(first), more) == (["a", "b", "c", "d"], [])


def test_of_many_actions_the_primary_and_the_possible_ones_stay() -> None:
    many = [
        shown("hold"),
        shown("confirm", is_primary=True),
        shown("merge", why_not="Nobody else."),
        shown("cancel", is_danger=True),
        shown("note"),
        shown("move"),
    ]

    first, more = at_head(many)

    assert keys(first) == ["confirm", "hold", "note"]
    assert keys(more) == ["merge", "cancel", "move"]


@pytest.mark.parametrize("number", range(9))
def test_no_action_is_lost_or_shown_twice(number: int) -> None:
    actions = [shown(str(n), why_not="No." * (n % 2)) for n in range(number)]

    first, more = at_head(actions)

    assert sorted(keys([*first, *more])) == sorted(keys(actions))
