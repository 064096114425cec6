"""Categories: the tree as at a day, what each asks, where each stood (CAT-4.1-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.categories import AttributeKind, StorageClass
from catalog.errors.goods import ThingMissing
from catalog.models import Category, CategoryMove, CategoryRule
from catalog.rules.categories import Attribute, Demands, from_content
from catalog.selectors import categories as tree
from catalog.services import categories
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    FormScreen,
    Group,
    LineFields,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
)
from ops.engines.identity import selectors as people
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")
_SHELVE = may("catalog", "C", Role.OPERATIONS_SUPERVISOR, Role.WEB_EDITING_SUPERVISOR)
_YES = "yes"
_STORAGE = dict(StorageClass.choices)
_KINDS = dict(AttributeKind.choices)


def _category_choices(_actor: Actor) -> list[tuple[str, str]]:
    rows = Category.objects.order_by("path").values_list("pk", "name", "path")
    return [(str(pk), f"{'— ' * path.count('.')}{name}") for pk, name, path in rows]


class CategoryList(ListScreen):
    """`/categories/`: the shelves of the catalogue in the order of the tree."""

    policy = _VIEW
    title = _("Categories")
    nav = "categories"
    columns = (
        Column("code", _("Code"), "code", name=True, sort=True),
        Column("name", _("Name"), sub=lambda row: row.parent.name if row.parent else ""),
        Column("since", _("There since"), "moment", optional=True),
    )
    filters = (Filter("q", _("Code or name"), "text"),)
    order = "code"
    export_policy = may("catalog", "E")
    empty = _("No category yet. Import a product file to begin.")
    empty_href = "/imports/"

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the categories."""
        found = Category.objects.select_related("parent")
        if text := query.get("q"):
            found = found.filter(code__istartswith=text) | found.filter(name__icontains=text)
        return query.page(found, orders={"code": "code"})

    def row_href(self, row: Any) -> str:
        """Open the category."""
        return reverse("catalog:category", args=[row.pk])


class CategoryScreen(RecordScreen):
    """`/categories/<id>/`: what holds here today, every version and every move."""

    policy = _VIEW
    title = _("Category")
    nav = "categories"
    list_url_name = "catalog:categories"
    list_title = _("Categories")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the category with what it inherits and its past."""
        row = _found(key["category_id"])
        holds = tree.demands(category_ids=[row.pk], day=business_day(at))[row.pk]
        below = list(Category.objects.filter(parent=row).order_by("code"))
        return Record(
            number=row.code,
            title=row.name,
            actions=_actions(row),
            facts=(_facts(row, holds),),
            lines=(
                _attributes(holds),
                _documents(holds),
                _below(below),
                _versions(row),
                _moves(row),
            ),
            clauses=("CAT-4.1-02",),
            subject=("catalog.category", row.pk),
        )


class CategoryRuleForm(FormScreen):
    """`/categories/<id>/rule/`: what the category itself asks from a day on."""

    policy = _SHELVE
    title = _("What the category asks")
    nav = "categories"
    submit_label = _("Decide")
    lead = _("What stands above is inherited; the nearer word wins. Older versions stay.")
    groups = (
        Group(
            _("From when and why"),
            (
                Field("starts_on", _("Starts on"), "day"),
                Field("reason", _("Reason"), most=200, least=2),
                Field("scope_item", _("Business scope item"), most=120, required=False),
                Field(
                    "storage_class",
                    _("Storage class"),
                    "choice",
                    choices=StorageClass.choices,
                    required=False,
                ),
            ),
        ),
        Group(
            _("Attributes"),
            (
                LineFields(
                    "attributes",
                    _("Attributes"),
                    (
                        Field("key", _("Key"), "code", most=40),
                        Field("title", _("Title"), most=80),
                        Field("kind", _("Kind"), "choice", choices=AttributeKind.choices),
                        Field("unit", _("Unit"), most=16, required=False),
                        Field("choices", _("Choices"), most=2000, required=False),
                        Field(
                            "is_mandatory",
                            _("Mandatory"),
                            "choice",
                            choices=((_YES, _("yes")),),
                            required=False,
                        ),
                        Field(
                            "is_variant",
                            _("By variant"),
                            "choice",
                            choices=((_YES, _("yes")),),
                            required=False,
                        ),
                    ),
                    required=False,
                    hint=_("Choices are written with commas between."),
                ),
            ),
        ),
        Group(
            _("Mandatory documents"),
            (
                LineFields(
                    "documents",
                    _("Mandatory documents"),
                    (
                        Field("key", _("Key"), "code", most=40),
                        Field("title", _("Title"), most=120),
                    ),
                    rows=3,
                    required=False,
                ),
            ),
        ),
    )

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Return the newest word of the category, to go on from."""
        row = _found(key["category_id"])
        newest = CategoryRule.objects.filter(category=row).order_by("-version").first()
        if newest is None:
            return {"starts_on": business_day(at)}
        own = from_content(newest.content)
        return {
            "starts_on": max(business_day(at), newest.starts_on),
            "scope_item": own.scope_item,
            "storage_class": own.storage_class,
            "attributes": [
                {
                    "key": one.key,
                    "title": one.title,
                    "kind": one.kind,
                    "unit": one.unit,
                    "choices": ",".join(one.choices),
                    "is_mandatory": _YES if one.is_mandatory else "",
                    "is_variant": _YES if one.is_variant else "",
                }
                for one in own.attributes
            ],
            "documents": [{"key": code, "title": title} for code, title in own.documents],
        }

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Decide through the service."""
        made = categories.set_category_rule(
            category_id=key["category_id"],
            demands=Demands(
                attributes=tuple(_attribute(row) for row in values["attributes"] or ()),
                documents=tuple((row["key"], row["title"]) for row in values["documents"] or ()),
                scope_item=values["scope_item"] or "",
                storage_class=values["storage_class"] or "",
            ),
            starts_on=values["starts_on"],
            reason=values["reason"],
            actor=actor,
            at=at,
        )
        return Done(
            message=gettext("Version %(version)s holds from %(day)s.")
            % {"version": made.version, "day": made.starts_on},
            href=self.back_url(**key),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the category."""
        return reverse("catalog:category", args=[key["category_id"]])


def _found(category_id: int) -> Category:
    row = Category.objects.select_related("parent").filter(pk=category_id).first()
    if row is None:
        raise ThingMissing("category", category_id)
    return row


def _attribute(row: Mapping[str, Any]) -> Attribute:
    written = (row["choices"] or "").replace("，", ",").split(",")
    return Attribute(
        key=row["key"],
        title=row["title"],
        kind=row["kind"],
        unit=row["unit"] or "",
        choices=tuple(one.strip() for one in written if one.strip()),
        is_mandatory=row["is_mandatory"] == _YES,
        is_variant=row["is_variant"] == _YES,
    )


def _actions(row: Category) -> tuple[Action, ...]:
    return (
        Action(
            key="rule",
            label=_("Decide what it asks"),
            href=reverse("catalog:category_rule", args=[row.pk]),
            policy=_SHELVE,
            is_primary=True,
        ),
        Action(
            key="move",
            label=_("Move the category"),
            run=lambda values, actor, at: _move(row, values, actor, at),
            policy=_SHELVE,
            fields=(
                Field(
                    "parent",
                    _("Under"),
                    "choice",
                    choices=_category_choices,
                    required=False,
                    hint=_("Empty is the root."),
                ),
                Field("reason", _("Reason"), most=200, least=2),
            ),
            confirm=_("All below it goes with it; where it stood stays on record."),
        ),
    )


def _move(row: Category, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    parent = values["parent"]
    categories.move_category(
        category_id=row.pk,
        parent_id=int(parent) if parent else None,
        reason=values["reason"],
        actor=actor,
        at=at,
    )
    return Done(message=gettext("%(name)s stands at its new place.") % {"name": row.name})


def _facts(row: Category, holds: Demands) -> FactGroup:
    return FactGroup(
        title=_("Category"),
        facts=(
            Fact(title=_("Under"), value=row.parent.name if row.parent else _("root")),
            Fact(title=_("Business scope item"), value=holds.scope_item),
            Fact(title=_("Storage class"), value=_STORAGE.get(holds.storage_class, "")),
            Fact(title=_("There since"), value=row.since, kind="moment"),
        ),
    )


def _attributes(holds: Demands) -> Lines:
    yes = _("yes")
    return Lines(
        _("Attributes"),
        (
            Column("title", _("Title")),
            Column("key", _("Key"), "code"),
            Column("kind", _("Kind"), value=lambda one: _KINDS.get(one.kind, one.kind)),
            Column("unit", _("Unit")),
            Column("choices", _("Choices"), value=lambda one: "、".join(one.choices)),
            Column(
                "is_mandatory", _("Mandatory"), value=lambda one: yes if one.is_mandatory else ""
            ),
            Column("is_variant", _("By variant"), value=lambda one: yes if one.is_variant else ""),
        ),
        holds.attributes,
        empty=_("Neither this category nor one above asks for attributes."),
    )


def _documents(holds: Demands) -> Lines:
    return Lines(
        _("Mandatory documents"),
        (
            Column("title", _("Title"), value=lambda pair: pair[1]),
            Column("key", _("Key"), "code", value=lambda pair: pair[0]),
        ),
        holds.documents,
        empty=_("No document is mandatory."),
    )


def _below(rows: Sequence[Category]) -> Lines:
    return Lines(
        _("Below"),
        (
            Column(
                "code",
                _("Code"),
                "code",
                href=lambda row: reverse("catalog:category", args=[row.pk]),
            ),
            Column("name", _("Name")),
        ),
        rows,
        empty=_("A leaf: products stand here."),
    )


def _versions(row: Category) -> Lines:
    rows = list(CategoryRule.objects.filter(category=row).order_by("-version"))
    names = people.person_names({one.decided_by for one in rows if one.decided_by})
    return Lines(
        _("Versions"),
        (
            Column("version", _("Version"), "number"),
            Column("starts_on", _("Starts on"), "day"),
            Column("reason", _("Reason")),
            Column("who", _("Decided by"), value=lambda one: names.get(one.decided_by, "")),
        ),
        rows,
        empty=_("The category asks nothing of its own."),
    )


def _moves(row: Category) -> Lines:
    rows = list(
        CategoryMove.objects.filter(category=row).select_related("from_parent", "to_parent")
    )
    root = _("root")
    return Lines(
        _("Moves"),
        (
            Column("moved_at", _("When"), "moment"),
            Column(
                "from_parent",
                _("From"),
                value=lambda m: m.from_parent.name if m.from_parent else root,
            ),
            Column("to_parent", _("To"), value=lambda m: m.to_parent.name if m.to_parent else root),
            Column("reason", _("Reason")),
        ),
        rows,
        empty=_("It never stood elsewhere."),
    )
