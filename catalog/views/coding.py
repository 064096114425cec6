"""Coding rules: every version, and the form for the next (CAT-4.1-01)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import Category, CodeRule
from catalog.services import coding
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Field,
    FormScreen,
    Group,
    LineFields,
    ListPage,
    ListQuery,
    ListScreen,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import SIGNED_IN, may, only

_DECIDE = only(Role.INFORMATION_SUPERVISOR, Role.OPERATIONS_SUPERVISOR)


def _category_choices(_actor: Actor) -> list[tuple[str, str]]:
    rows = Category.objects.order_by("path").values_list("pk", "name", "path")
    return [(str(pk), f"{'— ' * path.count('.')}{name}") for pk, name, path in rows]


class CodeRuleList(ListScreen):
    """`/code-rules/`: how SKUs are numbered, the newest version first."""

    policy = SIGNED_IN
    title = _("Coding rules")
    nav = "categories"
    columns = (
        Column("pattern", _("Pattern"), "code", name=True),
        Column(
            "category",
            _("Category"),
            value=lambda row: row.category.name if row.category else _("every category"),
        ),
        Column("version", _("Version"), "number"),
        Column("starts_on", _("Starts on"), "day"),
        Column(
            "words",
            _("Codes of values"),
            value=lambda row: "、".join(
                f"{one['value']}={one['code']}" for one in row.word_rows[:8]
            ),
        ),
    )
    order = "-id"
    export_policy = may("catalog", "E")
    empty = _("No coding rule yet: SKUs take the next number of the usual series.")
    empty_label = _("Decide a coding rule")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the versions."""
        return query.page(CodeRule.objects.select_related("category"), orders={"id": "id"})

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Offer the next version."""
        return (
            Action(
                key="decide",
                label=_("Decide a coding rule"),
                href=reverse("catalog:code_rule_new"),
                policy=_DECIDE,
                is_primary=True,
            ),
        )


class CodeRuleForm(FormScreen):
    """`/code-rules/new/`: the next version for a category or for all."""

    policy = _DECIDE
    title = _("Decide a coding rule")
    nav = "categories"
    submit_label = _("Decide")
    lead = _("Codes that were given stay; the new version numbers what comes after.")
    groups = (
        Group(
            _("Rule"),
            (
                Field(
                    "category",
                    _("Category"),
                    "choice",
                    choices=_category_choices,
                    required=False,
                    hint=_("Empty: every category without a rule of its own."),
                ),
                Field(
                    "pattern",
                    _("Pattern"),
                    most=120,
                    hint=_("Such as WJ-{brand}-{sequence:5}{check}"),
                ),
                Field("starts_on", _("Starts on"), "day"),
            ),
        ),
        Group(
            _("Codes of values"),
            (
                LineFields(
                    "words",
                    _("Codes of values"),
                    (
                        Field("part", _("Part of the pattern"), "code", most=40),
                        Field("value", _("Value"), most=80),
                        Field("code", _("Code"), "code", most=12),
                    ),
                    required=False,
                    hint=_("One row for each value of each part, such as brand."),
                ),
            ),
        ),
    )

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Begin today."""
        return {"starts_on": business_day(at)}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Decide through the service."""
        words: dict[str, dict[str, str]] = defaultdict(dict)
        for row in values["words"] or ():
            words[row["part"]][row["value"]] = row["code"]
        made = coding.set_code_rule(
            category_id=int(values["category"]) if values["category"] else None,
            pattern=values["pattern"],
            words=words,
            starts_on=values["starts_on"],
            actor=actor,
            at=at,
        )
        return Done(
            message=gettext("Version %(version)s holds from %(day)s.")
            % {"version": made.version, "day": made.starts_on},
            href=self.back_url(),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the list."""
        return reverse("catalog:code_rules")
