"""What differs between two contents, and what a kind of content must say."""

from dataclasses import fields

import pytest

from ops.engines.revisions import declarations
from ops.engines.revisions.rules import changed_parts, compare
from ops.engines.revisions.types import Change

PARTS = {"words": ("title", "texts"), "look": ("picture",)}


def test_named_things_are_compared_by_their_names() -> None:
    old = {"modules": [{"key": "banner", "text": "A"}, {"key": "grid", "rows": 2}]}
    new = {"modules": [{"key": "grid", "rows": 3}, {"key": "banner", "text": "A"}]}

    assert compare(old, new) == [Change(path="modules.grid.rows", old=2, new=3)]


def test_what_is_absent_is_told_from_what_is_empty() -> None:
    assert compare({"a": None}, {}) == [Change(path="a", old=None, new=None)]
    assert compare(None, {"a": 1}) == [Change(path="a", old=None, new=1)]
    assert compare({"a": {"b": []}}, {"a": {"b": []}}) == []


def test_plain_lists_are_one_value() -> None:
    assert compare({"t": ["a", "b"]}, {"t": ["a"]}) == [Change(path="t", old=["a", "b"], new=["a"])]


def test_everything_is_new_without_a_former_version() -> None:
    assert changed_parts(PARTS, None, {"title": "x"}) == ["words", "look"]
    assert changed_parts(PARTS, {"title": "x"}, {"title": "x"}) == []
    assert changed_parts(PARTS, {"picture": 1}, {"picture": 2}) == ["look"]


def test_a_kind_within_a_scope_that_shows_itself_to_everybody_does_not_start() -> None:
    declared = declarations.kind_named("catalog.listing")
    said = {each.name: getattr(declared, each.name) for each in fields(declared)}

    with pytest.raises(TypeError, match="does not say what is visible"):
        declarations.revised(**{**said, "key": "toy.shown_to_all", "visible": None})

    assert "toy.shown_to_all" not in declarations.kinds()
