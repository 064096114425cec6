"""Page module types: their fields and sizes in versions, and the pages they stand on."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.pages import FieldKind
from catalog.desk.page_rows import Row, rows_of, standing_column
from catalog.desk.pages import VIEW, affected_table
from catalog.rules.pages.modules import OWNERS
from catalog.selectors import pages
from catalog.services import pages as services
from ops.engines.desk.contentforms import ContentForm
from ops.engines.desk.contents import content_page
from ops.engines.desk.screens import (
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    FormScreen,
    Group,
    LineFields,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    New,
    Record,
    RecordScreen,
)
from ops.engines.desk.words import role_name
from ops.engines.kernel.actor import Actor

_YES = ((("yes"), _("Yes")), (("no"), _("No")))


def title_of(row: Row) -> str:
    """Return what a module type is called: its title, live or drafted, else its code."""
    version = row.live or row.open
    return str(version.content["title"] if version is not None else row.subject.code)


class ModuleList(ListScreen):
    """`/page-modules/`: the module types pages are composed of."""

    policy = VIEW
    title = _("Page module types")
    nav = "shop_pages"
    row_url = "catalog:page_module"
    lead = _("Pages are composed of approved module types only.")
    columns = (
        Column("title", _("Module type"), name=True, value=title_of),
        Column("code", _("Code"), "code", value=lambda row: row.subject.code),
        Column(
            "owner",
            _("Owner"),
            value=lambda row: row.live and role_name(row.live.content["owner"]),
        ),
        Column(
            "fields",
            _("Fields"),
            "number",
            value=lambda row: row.live and len(row.live.content["fields"]),
        ),
        Column("no", _("Live version"), "number", value=lambda row: row.live and row.live.no),
        standing_column(),
    )
    order = "code"
    new = New(_("Name a module type"), "catalog:page_module_new", services.WRITERS)
    empty = _("No module type yet. Name the first one; then say which fields it has.")
    empty_href = "/page-modules/new/"
    empty_label = _("Name a module type")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the module types."""
        page = query.page(pages.modules(), orders={"code": "code"})
        return dataclasses.replace(page, rows=rows_of(pages.MODULE, page.rows, at=query.at))


class ModuleNew(FormScreen):
    """`/page-modules/new/`: the name by which pages call it."""

    policy = services.WRITERS
    title = _("Name a module type")
    nav = "shop_pages"
    submit_label = _("Name it")
    groups = (
        Group(
            _("Module type"),
            (
                Field(
                    "code",
                    _("Code"),
                    "code",
                    most=40,
                    hint=_("Short and for good, such as banner or goods-grid."),
                ),
            ),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Name it through the service."""
        made = services.name_module(code=values["code"], actor=actor, at=at)
        return Done(
            message=gettext("Module type %(code)s is named. Now say which fields it has.")
            % {"code": values["code"]},
            href=reverse("catalog:page_module_edit", args=[made]),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the list."""
        return reverse("catalog:page_modules")


class ModuleScreen(RecordScreen):
    """`/page-modules/<id>/`: fields and sizes, versions, the pages it stands on (CAT-4.3-13)."""

    policy = VIEW
    title = _("Page module type")
    nav = "shop_pages"
    list_url_name = "catalog:page_modules"
    list_title = _("Page module types")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the module type; raises PageMissing."""
        row = pages.module(module_id=key["module_id"])
        page = content_page(
            kind=pages.MODULE,
            subject_id=row.pk,
            edit_href=reverse("catalog:page_module_edit", args=[row.pk]),
            at=at,
        )
        content = page.shown.info.content if page.shown else None
        return Record(
            number=f"{content['title']} · {row.code}" if content else row.code,
            state=page.state,
            states=page.states,
            actions=page.actions,
            facts=_facts(content) if content else (),
            lines=(
                *([_fields(content)] if content else []),
                affected_table(pages.affected_pages(module_id=row.pk, at=at, actor=actor)),
                *page.lines,
            ),
            clauses=("CAT-4.3-13",),
            subject=page.subject,
        )


class ModuleForm(ContentForm):
    """`/page-modules/<id>/edit/`: title, owner, fields with their sizes."""

    policy = services.WRITERS
    title = _("Draft a module type")
    nav = "shop_pages"
    kind = pages.MODULE
    key_name = "module_id"
    groups = (
        Group(
            _("Module type"),
            (
                Field("title", _("Title"), most=60),
                Field(
                    "owner",
                    _("Owner"),
                    "choice",
                    choices=lambda _actor: [(role, role_name(role)) for role in OWNERS],
                ),
            ),
        ),
        Group(
            _("Fields"),
            (
                LineFields(
                    "fields",
                    _("Fields"),
                    (
                        Field("key", _("Name"), "code", most=30),
                        Field("title", _("Title"), most=60),
                        Field("kind", _("Kind"), "choice", choices=FieldKind.choices),
                        Field("required", _("Required"), "choice", choices=_YES),
                        Field("most", _("At most"), "quantity", required=False, least=1),
                        Field("width", _("Width (px)"), "quantity", required=False, least=1),
                        Field("height", _("Height (px)"), "quantity", required=False, least=1),
                    ),
                    rows=6,
                    hint=_("At most: characters of a text, pieces of goods. Pictures need a size."),
                ),
            ),
        ),
    )

    def written(self, values: Mapping[str, Any], **key: Any) -> Mapping[str, Any]:
        """Return the module type that was typed."""
        return {
            "title": values["title"],
            "owner": values["owner"],
            "fields": [
                {
                    **{name: value for name, value in each.items() if value not in (None, "")},
                    "required": each["required"] == "yes",
                }
                for each in values["fields"]
            ],
        }

    def shown(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the module type as its fields show it."""
        rows = [
            {**each, "required": "yes" if each["required"] else "no"} for each in content["fields"]
        ]
        return {**content, "fields": rows}

    def back_url(self, **key: Any) -> str:
        """Return to the module type."""
        return reverse("catalog:page_module", args=[key["module_id"]])


def _facts(content: Mapping[str, Any]) -> tuple[FactGroup, ...]:
    return (
        FactGroup(
            title=_("Module type"),
            facts=(
                Fact(title=_("Title"), value=content["title"]),
                Fact(title=_("Owner"), value=role_name(content["owner"])),
            ),
        ),
    )


def _fields(content: Mapping[str, Any]) -> Lines:
    return Lines(
        _("Fields"),
        (
            Column("key", _("Name"), "code", name=True),
            Column("title", _("Title")),
            Column("kind", _("Kind"), value=lambda row: FieldKind(row["kind"]).label),
            Column("required", _("Required"), "flag"),
            Column("most", _("At most"), "number", value=lambda row: row.get("most")),
            Column(
                "size",
                _("Size (px)"),
                value=lambda row: f"{row['width']} × {row['height']}" if "width" in row else "",
            ),
        ),
        content["fields"],
    )
