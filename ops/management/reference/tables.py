"""Models: fields, references and constraints, one page per app."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig, apps
from django.db import models as kinds

from ops.management.reference.markdown import Page, about, both, code

_OTHERS = ("django.", "guardian", "unfold", "rest_framework", "drf_spectacular", "django_")


def models() -> list[Page]:
    """Return one page per app that keeps something."""
    return [
        _page(config)
        for config in sorted(apps.get_app_configs(), key=lambda one: one.label)
        if not config.name.startswith(_OTHERS) and list(config.get_models())
    ]


def _page(config: AppConfig) -> Page:
    page = Page(
        f"models-{config.label}.md",
        f"Models of {config.label}",
        f"{both(config.verbose_name)}: what is stored, and what the database itself refuses.",
    )
    for model in sorted(config.get_models(), key=lambda one: one.__name__):
        meta = model._meta  # noqa: SLF001
        page.head(f"{model.__name__} ({both(meta.verbose_name)})")
        page.say(about(model))
        page.table(
            ("Field", "Words", "Kind", "Refers to", "May be empty"),
            [_field(one) for one in meta.concrete_fields],
        )
        rules = sorted(_rules(meta))
        if rules:
            page.table(("Constraint", "Kind", "Over"), rules)
    return page


def _field(one: Any) -> tuple[str, ...]:
    refers = one.related_model._meta.label if one.is_relation else ""  # noqa: SLF001
    empty = "null" if one.null else ("blank" if one.blank and not one.primary_key else "")
    return code(one.name), both(one.verbose_name), type(one).__name__, code(refers), empty


def _rules(meta: Any) -> Iterator[tuple[str, str, str]]:
    for one in meta.concrete_fields:
        if one.unique and not one.primary_key:
            yield code(one.name), "unique", code(one.name)
    for rule in meta.constraints:
        match rule:
            case kinds.CheckConstraint():
                yield code(rule.name), "check", _names(rule.condition)
            case kinds.UniqueConstraint():
                yield code(rule.name), "unique", ", ".join(map(code, rule.fields))
            case _:
                yield code(rule.name), type(rule).__name__, ""


def _names(condition: Any) -> str:
    """Return the columns a condition reads; how they are compared stands in the migration."""
    found: set[str] = set()
    waiting = [condition]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple) and one and isinstance(one[0], str):
            found.add(one[0].partition("__")[0])
            waiting += [part for part in one[1:] if hasattr(part, "flatten")]
        elif hasattr(one, "children"):
            waiting += one.children
        elif hasattr(one, "flatten"):
            found |= {str(getattr(f, "name", "")) for f in one.flatten() if isinstance(f, kinds.F)}
    return ", ".join(map(code, sorted(found)))
