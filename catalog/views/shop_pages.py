"""Shop pages: a channel's home, detail and category page, composed, looked at, decided."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.pages import PageKind
from catalog.desk.page_rows import CHANNELS, rows_of, standing_column
from catalog.desk.pages import VIEW
from catalog.rules.pages import checklist
from catalog.rules.pages.pictures import WIDTHS
from catalog.selectors import pages, ranks
from catalog.services import pages as services
from catalog.types.pages import LineAnswer
from catalog.views import rank_parts
from catalog.views.previewed import PreviewedScreen
from ops.engines.desk.contents import ContentPage, content_page
from ops.engines.desk.screens import (
    Action,
    Badge,
    Column,
    Command,
    Done,
    Fact,
    FactGroup,
    Field,
    Files,
    Filter,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    Related,
    Tone,
    command,
)
from ops.engines.kernel.actor import Actor
from ops.engines.revisions.choices import RevisionState
from ops.engines.revisions.types import RevisionInfo

command(
    Command(
        key="page_modules",
        title=_("Page module types"),
        url_name="catalog:page_modules",
        policy=VIEW,
    )
)


class ShopPageList(ListScreen):
    """`/shop-pages/`: the pages of every channel, with the version that is live (MKT-5.3-10)."""

    policy = VIEW
    title = _("Shop pages")
    nav = "shop_pages"
    row_url = "catalog:shop_page"
    columns = (
        Column("channel", _("Channel"), value=lambda row: row.subject.channel.name),
        Column("kind", _("Page"), name=True, value=lambda row: PageKind(row.subject.kind).label),
        Column("title", _("Title"), value=lambda row: row.live and row.live.content["title"]),
        Column("plan", _("Follows plan"), "number",
               value=lambda row: row.live and row.live.content["plan"]),
        Column("no", _("Live version"), "number", value=lambda row: row.live and row.live.no),
        Column("since", _("Live since"), "moment", value=lambda row: row.live and row.live.since),
        standing_column(),
    )  # fmt: skip
    filters = (
        CHANNELS,
        Filter("kind", _("Page"), choices=PageKind.choices),
    )
    order = "id"
    empty = _("No channel yet. A channel is opened under System.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the pages of the actor's channels."""
        found = query.narrow(pages.pages(actor=actor), "kind", channel="channel_id")
        page = query.page(found, orders={"id": "id"})
        return dataclasses.replace(page, rows=rows_of(pages.DESIGN, page.rows, at=query.at))

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to shops, module types and guidance texts."""
        return [
            Action(key="shops", label=_("Shops and plans"), href=reverse("catalog:shop_plans")),
            Action(key="modules", label=_("Module types"), href=reverse("catalog:page_modules")),
            Action(key="steps", label=_("Guidance texts"), href=reverse("catalog:trade_steps")),
        ]


class ShopPageScreen(PreviewedScreen):
    """`/shop-pages/<id>/`: versions, findings, checklist, and how it looks in two widths."""

    policy = VIEW
    title = _("Shop page")
    nav = "shop_pages"
    list_url_name = "catalog:shop_pages"
    list_title = _("Shop pages")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the page; raises PageMissing."""
        row = pages.page(page_id=key["page_id"], actor=actor)
        page = content_page(
            kind=pages.DESIGN,
            subject_id=row.pk,
            edit_href=reverse("catalog:shop_page_edit", args=[row.pk]),
            at=at,
        )
        shown = self.look_at(page, page_id=row.pk)
        return Record(
            number=f"{row.channel.name} · {PageKind(row.kind).label}",
            state=page.state,
            states=page.states,
            actions=preview_actions(page),
            facts=_facts(shown) if shown else (),
            lines=(
                *(_composition(shown) if shown else ()),
                *page.lines,
                rank_parts.panel(ranks.of_page(page_id=row.pk, actor=actor, at=at), at=at),
            ),
            related=(
                Related(title=_("Shop"), href=reverse("catalog:shop_plan", args=[row.channel_id])),
                Related(
                    title=_("Display plan"), href=reverse("catalog:display_plan", args=[row.pk])
                ),
                Related(title=_("Module types"), href=reverse("catalog:page_modules")),
            ),
            files=Files(
                object_type=pages.FILES,
                object_id=row.pk,
                title=_("Pictures and previews"),
                add=services.WRITERS,
                add_label=_("Add pictures"),
            ),
            clauses=(
                "MKT-5.3-08",
                "MKT-5.3-10",
                "SYS-6.2-08",
                "SYS-6.2-12",
                "CAT-4.3-13",
                "CAT-4.3-14",
            ),
            subject=page.subject,
        )


def preview_actions(page: ContentPage) -> Sequence[Action]:
    """Return what may be done with the content, and how an open draft is looked at."""
    if page.open is None or page.open.info.state != RevisionState.DRAFT:
        return page.actions
    return [*page.actions, *_looking(page.open.info)]


def _looking(version: RevisionInfo) -> list[Action]:
    def render(_values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        made = services.render_previews(revision_id=version.id, actor=actor, at=at)
        return Done(message=gettext("%(count)s previews are drawn.") % {"count": len(made)})

    def hand_in(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        picture: UploadedFile[bytes] = values["picture"]
        made = services.hand_in_preview(
            revision_id=version.id,
            width=int(values["width"]),
            data=picture.read(),
            actor=actor,
            at=at,
        )
        return Done(
            message=gettext("The screenshot at %(width)s pixels is kept.") % {"width": made.width}
        )

    return [
        Action(
            key="render",
            label=_("Draw the previews"),
            run=render,
            policy=services.WRITERS,
        ),
        Action(
            key="preview",
            label=_("Hand a screenshot in"),
            run=hand_in,
            policy=services.WRITERS,
            fields=(
                Field(
                    "width",
                    _("Width (px)"),
                    "choice",
                    choices=[(str(width), str(width)) for width in WIDTHS],
                ),
                Field("picture", _("Screenshot (PNG)"), "file", accept="image/png"),
            ),
        ),
    ]


def _facts(version: RevisionInfo) -> tuple[FactGroup, ...]:
    content = version.content
    return (
        FactGroup(
            title=gettext("Version %(no)s") % {"no": version.no},
            facts=(
                Fact(title=_("Title"), value=content["title"]),
                Fact(title=_("Version of the shop plan"), value=content["plan"], kind="number"),
                Fact(title=_("Modules"), value=len(content["modules"]), kind="number"),
                Fact(title=_("Reason"), value=version.why, is_wide=True),
            ),
        ),
        FactGroup(
            title=_("What the page says to a search"),
            facts=(
                Fact(title=_("Search words"), value="、".join(content.get("keywords", ())),
                     is_wide=True),
                Fact(title=_("Title for search"), value=content.get("search_title"), is_wide=True),
                Fact(title=_("Description for search"), value=content.get("search_text"),
                     is_wide=True),
            ),
        ),
    )  # fmt: skip


def _composition(version: RevisionInfo) -> tuple[Lines, ...]:
    content = version.content
    return (
        Lines(
            _("Composed of"),
            (
                Column("key", _("Place on the page"), "code", name=True),
                Column("module", _("Module type"), "code"),
                Column("version", _("Version"), "number"),
                Column(
                    "values",
                    _("Content"),
                    "code",
                    value=lambda row: gettext("; ").join(
                        _said(value) for value in row["values"].values()
                    ),
                ),
            ),
            content["modules"],
        ),
        Lines(
            _("Usability checklist"),
            (
                Column("title", _("To be checked"), name=True),
                Column("is_mandatory", _("Must be met"), "flag"),
                Column("answer", _("Entered"), value=lambda row: _answer(row.answer)),
                Column("is_met", _("Result"), "badge", value=_met),
            ),
            checklist.answers(content["checklist"]),
        ),
    )


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value["alt"])
    if isinstance(value, list):
        return gettext(", ").join(map(str, value))
    return str(value)[:120]


def _answer(answer: str) -> str:
    if answer in (checklist.YES, checklist.NO):
        return gettext("Yes") if answer == checklist.YES else gettext("No")
    return f"{Decimal(answer):f}" if answer else ""


def _met(line: LineAnswer) -> Badge:
    if line.is_met is None:
        return Badge(_("not answered"), Tone.WAITING)
    return Badge(_("met"), Tone.DONE) if line.is_met else Badge(_("not met"), Tone.STOPPED)
