"""What is asked of shop content before anybody decides it (CAT-4.3-13, SYS-6.2-08, SYS-6.2-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.models import ShopPage, Sku, TradeStep
from catalog.rules import search_fields
from catalog.rules.pages import checklist, guidance, modules
from catalog.rules.pages.pictures import WIDTHS
from catalog.selectors import codes, pages, promotions
from ops.engines.kernel.canonical import content_hash
from ops.engines.revisions.choices import Level
from ops.engines.revisions.types import Finding, Subject


def follows_plan(content: Mapping[str, Any], page: Subject, at: datetime) -> Sequence[Finding]:
    """Ask for the shop plan in force (MKT-5.3-09)."""
    channel_id = ShopPage.objects.values_list("channel_id", flat=True).get(pk=page.id)
    plan = pages.plan_in_force(channel_id=channel_id, at=at)
    if plan is not None and plan.no == content["plan"]:
        return ()
    words = (
        _("The channel has no shop plan in force.")
        if plan is None
        else _("It follows version %(old)s of the shop plan; version %(new)s is in force.")
        % {"old": content["plan"], "new": plan.no}
    )
    return [Finding(field="plan", code="catalog.plan_not_in_force", words=words)]


def of_live_modules(content: Mapping[str, Any], page: Subject, at: datetime) -> Sequence[Finding]:
    """Ask that every placement is of a live module type and keeps to its fields and sizes."""
    live = pages.live_modules(at=at)
    found: list[Finding] = []
    for placed in content["modules"]:
        kind, place = live.get(placed["module"]), placed["key"]
        if kind is None or kind.no != placed["version"]:
            words = (
                _("Module type %(code)s is not live.") % {"code": placed["module"]}
                if kind is None
                else _("Module type %(code)s is live in version %(no)s.")
                % {"code": placed["module"], "no": kind.no}
            )
            field = f"modules.{place}"
            found.append(Finding(field=field, code="catalog.module_not_live", words=words))
        else:
            found.extend(modules.misfits(kind.content, placed["values"], place))
    return [*found, *_strangers(content, page)]


def passes_checklist(content: Mapping[str, Any], page: Subject, at: datetime) -> Sequence[Finding]:
    """Ask for the mandatory lines of the usability checklist."""
    del page, at
    return list(checklist.failures(content["checklist"]))


def of_known_goods(content: Mapping[str, Any], page: Subject, at: datetime) -> Sequence[Finding]:
    """Ask that every slot names goods, categories and promotions that are there (CAT-4.1-03)."""
    del at
    channel_id = ShopPage.objects.values_list("channel_id", flat=True).get(pk=page.id)
    slots = content["slots"]
    known = {
        "pinned": codes.skus_by_code(codes={slot["pinned"] for slot in slots}).keys(),
        "category": codes.category_paths(codes={slot["category"] for slot in slots}).keys(),
        "promotion": promotions.numbers_of(channel_id=channel_id),
    }
    words = {
        "pinned": _("There is no SKU %(code)s."),
        "category": _("There is no category %(code)s."),
        "promotion": _("The channel has no promotion %(code)s."),
    }
    return [
        Finding(
            field=f"slots.{slot['key']}.{field}",
            code=f"catalog.slot_{field}_unknown",
            words=words[field] % {"code": slot[field]},
        )
        for slot in slots
        for field, there in known.items()
        if slot[field] and slot[field] not in there
    ]


def says_to_search(content: Mapping[str, Any], page: Subject, at: datetime) -> Sequence[Finding]:
    """Remark what is too short to be found by; never a reason to refuse (CAT-4.3-14)."""
    del page, at
    short = search_fields.shortcomings(
        title=content.get("search_title", ""),
        text=content.get("search_text", ""),
        keywords=content.get("keywords", ()),
    )
    return [
        Finding(field=field, code="catalog.search_short", words=words, level=Level.NOTE)
        for field, words in short
    ]


def was_looked_at(content: Mapping[str, Any], page: Subject, at: datetime) -> Sequence[Finding]:
    """Ask for a picture of this very content at each width."""
    del at
    made = pages.previews(page_id=page.id, content_hash=content_hash(content))
    return [
        Finding(
            field="preview",
            code="catalog.preview_missing",
            words=_("There is no preview of this version at %(width)s pixels.") % {"width": width},
        )
        for width in WIDTHS
        if width not in made
    ]


def fits_channel(content: Mapping[str, Any], step: Subject, at: datetime) -> Sequence[Finding]:
    """Ask for own words in an own channel, for the link in a marketplace (SCM-2.4-07)."""
    del at
    is_own = TradeStep.objects.values_list("channel__is_own", flat=True).get(pk=step.id)
    return list(guidance.misfits(content, is_own=is_own))


def _strangers(content: Mapping[str, Any], page: Subject) -> list[Finding]:
    """Find pictures that are not the page's, and SKUs nobody knows."""
    pictures: dict[int, str] = {}
    goods: dict[str, str] = {}
    for placed in content["modules"]:
        for key, value in placed["values"].items():
            field = f"modules.{placed['key']}.{key}"
            if isinstance(value, Mapping):
                pictures[value["file"]] = field
            elif isinstance(value, list):
                goods.update(dict.fromkeys(value, field))
    here = {each.id for each in pages.pictures(page_id=page.id)} if pictures else set()
    known = set(Sku.objects.filter(code__in=goods).values_list("code", flat=True))
    return [
        *(
            Finding(
                field=field,
                code="catalog.picture_unknown",
                words=_("The page holds no picture %(file)s.") % {"file": file},
            )
            for file, field in pictures.items()
            if file not in here
        ),
        *(
            Finding(
                field=field,
                code="catalog.sku_unknown",
                words=_("There is no SKU %(code)s.") % {"code": code},
            )
            for code, field in goods.items()
            if code not in known
        ),
    ]
