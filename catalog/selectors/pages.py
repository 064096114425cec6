"""Reading shop pages: what content is about, what is live, what a channel lacks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final, TypeVar

from django.db.models import Model, QuerySet

from catalog.choices.pages import PageKind, TradeStepKind
from catalog.errors.pages import PageMissing
from catalog.models import Channel, PageModule, PagePreview, ShopPage, TradeStep
from catalog.types.pages import AffectedPage, ChannelSet, PreviewInfo
from ops.engines.files import selectors as files
from ops.engines.files.types import AttachmentInfo
from ops.engines.kernel.actor import Actor
from ops.engines.revisions import selectors as revisions
from ops.engines.revisions.types import LiveInfo, Subject

M = TypeVar("M", bound=Model)
PLAN: Final = "catalog.shop_plan"
MODULE: Final = "catalog.page_module"
DESIGN: Final = "catalog.page_design"
STEP: Final = "catalog.trade_step"
DISPLAY: Final = "catalog.display_plan"
FILES: Final = "catalog.shoppage"
_READER: Final = Actor.system("shop pages")


def plan_subjects(ids: Collection[int]) -> Mapping[int, Subject]:
    """Return the channels that shop plans are about."""
    rows = Channel.objects.filter(pk__in=ids).values_list("pk", "name")
    return {
        pk: Subject(id=pk, title=name, href=f"/shop-plans/{pk}/", scope_id=pk) for pk, name in rows
    }


def module_subjects(ids: Collection[int]) -> Mapping[int, Subject]:
    """Return the module types by id; they belong to no channel."""
    rows = PageModule.objects.filter(pk__in=ids).values_list("pk", "code")
    return {pk: Subject(id=pk, title=code, href=f"/page-modules/{pk}/") for pk, code in rows}


def page_subjects(ids: Collection[int]) -> Mapping[int, Subject]:
    """Return the pages by id."""
    return _pages(ids, "shop-pages")


def display_subjects(ids: Collection[int]) -> Mapping[int, Subject]:
    """Return the pages that display plans are about."""
    return _pages(ids, "display-plans")


def _pages(ids: Collection[int], address: str) -> dict[int, Subject]:
    rows = ShopPage.objects.filter(pk__in=ids).select_related("channel")
    return {
        row.pk: Subject(
            id=row.pk,
            title=f"{row.channel.name} · {PageKind(row.kind).label}",
            href=f"/{address}/{row.pk}/",
            scope_id=row.channel_id,
        )
        for row in rows
    }


def step_subjects(ids: Collection[int]) -> Mapping[int, Subject]:
    """Return the trade steps by id."""
    rows = TradeStep.objects.filter(pk__in=ids).select_related("channel")
    return {
        row.pk: Subject(
            id=row.pk,
            title=f"{row.channel.name} · {TradeStepKind(row.step).label}",
            href=f"/trade-steps/{row.pk}/",
            scope_id=row.channel_id,
        )
        for row in rows
    }


def visible_channels(actor: Actor) -> frozenset[int] | None:
    """Return the channels whose plans an actor may see; None: all."""
    return actor.scope_ids("channel", "catalog")


def visible_pages(actor: Actor) -> QuerySet[ShopPage, int] | None:
    """Return the ids of the pages an actor may see; None: all."""
    mine = visible_channels(actor)
    if mine is None:
        return None
    return ShopPage.objects.filter(channel__in=mine).values_list("pk", flat=True)


def visible_steps(actor: Actor) -> QuerySet[TradeStep, int] | None:
    """Return the ids of the trade steps an actor may see; None: all."""
    mine = visible_channels(actor)
    if mine is None:
        return None
    return TradeStep.objects.filter(channel__in=mine).values_list("pk", flat=True)


def pages(*, actor: Actor) -> QuerySet[ShopPage]:
    """Return the pages of the actor's channels."""
    rows = ShopPage.objects.select_related("channel")
    mine = visible_channels(actor)
    return rows if mine is None else rows.filter(channel__in=mine)


def page(*, page_id: int, actor: Actor) -> ShopPage:
    """Return one page; raises PageMissing."""
    return _one(pages(actor=actor).filter(pk=page_id).first())


def steps(*, actor: Actor) -> QuerySet[TradeStep]:
    """Return the trade steps of the actor's channels."""
    rows = TradeStep.objects.select_related("channel")
    mine = visible_channels(actor)
    return rows if mine is None else rows.filter(channel__in=mine)


def step(*, step_id: int, actor: Actor) -> TradeStep:
    """Return one trade step; raises PageMissing."""
    return _one(steps(actor=actor).filter(pk=step_id).first())


def modules() -> QuerySet[PageModule]:
    """Return every module type."""
    return PageModule.objects.all()


def module(*, module_id: int) -> PageModule:
    """Return one module type; raises PageMissing."""
    return _one(PageModule.objects.filter(pk=module_id).first())


def shops(*, actor: Actor) -> QuerySet[Channel]:
    """Return the channels the actor may see."""
    mine = visible_channels(actor)
    return Channel.objects.all() if mine is None else Channel.objects.filter(pk__in=mine)


def shop(*, channel_id: int, actor: Actor) -> Channel:
    """Return one channel; raises PageMissing."""
    return _one(shops(actor=actor).filter(pk=channel_id).first())


def live_modules(*, at: datetime) -> dict[str, LiveInfo]:
    """Return what is live of every module type, by its code. Two queries."""
    codes = dict(PageModule.objects.values_list("pk", "code"))
    found = revisions.live(kind=MODULE, subject_ids=codes, at=at)
    return {codes[pk]: live for pk, live in found.items()}


def plan_in_force(*, channel_id: int, at: datetime) -> LiveInfo | None:
    """Return the plan of a channel that is in force."""
    return revisions.live(kind=PLAN, subject_ids=[channel_id], at=at).get(channel_id)


def affected_pages(
    *, module_id: int, at: datetime, actor: Actor | None = None
) -> list[AffectedPage]:
    """Return the live pages that are composed with a module type (CAT-4.3-13).

    With an actor only those of the actor's channels; who decides sees them all.
    """
    code = PageModule.objects.values_list("code", flat=True).get(pk=module_id)
    rows = revisions.live_rows(kind=DESIGN, at=at).filter(
        revision__content__modules__contains=[{"module": code}]
    )
    found = {
        row.piece.subject_id: row
        for row in rows.select_related("piece", "revision").defer("revision__document")
    }
    placed = {
        pk: [m for m in row.revision.content["modules"] if m["module"] == code]
        for pk, row in found.items()
    }
    seen = ShopPage.objects.select_related("channel") if actor is None else pages(actor=actor)
    where = seen.filter(pk__in=found)
    return [
        AffectedPage(
            page_id=each.pk,
            channel=each.channel.name,
            kind=PageKind(each.kind),
            version=found[each.pk].revision.no,
            module_version=placed[each.pk][0]["version"],
            placements=len(placed[each.pk]),
        )
        for each in where.order_by("channel__code", "pk")
    ]


def count_affected(*, module_id: int) -> int:
    """Count the pages whose approved versions, live now or to come, stand on a module type."""
    code = PageModule.objects.values_list("code", flat=True).get(pk=module_id)
    return revisions.count_following(kind=DESIGN, content={"modules": [{"module": code}]})


def previews(*, page_id: int, content_hash: str) -> dict[int, PreviewInfo]:
    """Return the newest picture of a content at each width."""
    rows = PagePreview.objects.filter(page=page_id, content_hash=content_hash)
    return {
        row.width: PreviewInfo(
            id=row.pk,
            width=row.width,
            origin=row.origin,
            attachment_id=row.attachment_id,
            sha256=row.attachment.sha256,
            made_at=row.made_at,
        )
        for row in rows.select_related("attachment").order_by("pk")
    }


def newest_preview() -> datetime | None:
    """Return when a version was last looked at: the evidence of SYS-6.2-12."""
    return PagePreview.objects.order_by("-pk").values_list("made_at", flat=True).first()


def pictures(*, page_id: int) -> list[AttachmentInfo]:
    """Return the pictures that were handed in for a page, its previews aside."""
    shown = set(PagePreview.objects.filter(page=page_id).values_list("attachment_id", flat=True))
    found = files.attachments(object_type=FILES, object_id=page_id, actor=_READER)
    return [
        each for each in found if each.content_type.startswith("image/") and each.id not in shown
    ]


def sets(*, channels: Iterable[Channel], at: datetime) -> list[ChannelSet]:
    """Return what channels need before they open, and what of it is live. Three queries."""
    rows = list(channels)
    ids = [row.pk for row in rows]
    pages_of = {
        (channel, PageKind(kind)): pk
        for pk, channel, kind in ShopPage.objects.filter(channel__in=ids).values_list(
            "pk", "channel_id", "kind"
        )
    }
    steps_of = {
        (channel, TradeStepKind(part)): pk
        for pk, channel, part in TradeStep.objects.filter(channel__in=ids).values_list(
            "pk", "channel_id", "step"
        )
    }
    wanted = {PLAN: ids, DESIGN: [*pages_of.values()], STEP: [*steps_of.values()]}
    live = revisions.live_numbers(subjects=wanted, at=at)
    return [
        ChannelSet(
            channel_id=row.pk,
            code=row.code,
            name=row.name,
            is_own=row.is_own,
            is_active=row.is_active,
            plan_no=live.get((PLAN, row.pk)),
            pages={kind: live.get((DESIGN, pages_of[row.pk, kind])) for kind in PageKind},
            steps={each: live.get((STEP, steps_of[row.pk, each])) for each in TradeStepKind},
            ids={
                **{kind: pages_of[row.pk, kind] for kind in PageKind},
                **{each: steps_of[row.pk, each] for each in TradeStepKind},
            },
        )
        for row in rows
    ]


def channel_set(*, channel_id: int, at: datetime) -> ChannelSet:
    """Return the set of one channel."""
    [found] = sets(channels=Channel.objects.filter(pk=channel_id), at=at)
    return found


def is_visible(actor: Actor, page_id: str) -> bool:
    """Say whether the actor may see the files of a page."""
    return page_id.isdigit() and pages(actor=actor).filter(pk=int(page_id)).exists()


def _one(row: M | None) -> M:
    if row is None:
        raise PageMissing
    return row
