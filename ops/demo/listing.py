"""Listings in every stage: words and bans, edits in review and in draft, one left to mend."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any, Final

from PIL import Image, ImageDraw

from catalog.choices.listings import DelistingReason
from catalog.models import Listing
from catalog.rules.listing.content import SECTIONS
from catalog.services import delisting, listing_rules, listings, upkeep
from catalog.types.listings import ScanReport
from ops.demo.plan import SYSTEM
from ops.demo.scene import Scene
from ops.engines.revisions import selectors as versions

_WORDS: Final = (
    ("全网最佳", "superlative", "广告法第九条"),
    ("销量第一", "superlative", "广告法第九条"),
    ("国家级", "banned", "广告法第九条"),
    ("包治百病", "banned", "医疗用语不得用于普通商品"),
)
_TEXTS: Final[dict[str, str]] = {
    "specification": "尺码与配色见规格选项，实物称重误差不超过百分之三。",
    "material": "主料与辅料均见吊牌，成分经第三方检测。",
    "function": "日常使用，做工细密，耐用不易变形。",
    "use": "首次使用前请清洁，避免暴晒，按标签保养。",
    "after_sales": "七天无理由退货，质量问题包换包退，客服当日答复。",
}
_ANGLES: Final = ("front", "back", "detail")
_TICKS: Final = ("clear", "real", "colour", "untouched", "rights")
_PDF: Final = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def list_goods(scene: Scene) -> ScanReport:
    """Enter words and bans, bring listings into their stages, and look at all of them once."""
    at = scene.plan.at
    for text, kind, reason in _WORDS:
        listing_rules.list_word(
            text=text,
            kind=kind,
            since=scene.plan.today,
            reason=reason,
            actor=scene.actor("web_supervisor"),
            at=at,
        )
    for kind, value, is_hard in (("term", "象牙", True), ("term", "野生动物", False)):
        listing_rules.forbid(
            kind=kind,
            value=value,
            is_hard=is_hard,
            since=scene.plan.today,
            reason="野生动物保护法",
            actor=scene.actor("compliance"),
            at=at,
        )
    ranks = (44, 45, 46, 47, 48)
    decided, edited, mended, asked, gone = (_listing(scene, rank) for rank in ranks)
    _decide(scene, decided)
    listings.submit(listing_id=decided, actor=scene.actor("specialist"), at=at)
    _decide(scene, edited)
    _leave_to_mend(scene, mended)
    _ask_to_delist(scene, asked)
    delisting.take_off_at_once(listing_ids=[gone], actor=scene.actor("compliance"), at=at)
    return upkeep.scan_completeness(actor=SYSTEM, at=at, progress=_silent)


def _listing(scene: Scene, rank: int) -> int:
    """Return the listing of one of the goods in the first shop."""
    rows = Listing.objects.filter(product__skus=scene.items[rank].sku_id)
    return rows.values_list("pk", flat=True).get(channel_id=scene.company.shop("tmall").id)


def _decide(scene: Scene, listing_id: int) -> None:
    """Bring a listing through its reviews, and write an edit that may be handed in."""
    at, specialist = scene.plan.at, scene.actor("specialist")
    row = Listing.objects.select_related("product").get(pk=listing_id)
    review = listing_rules.review_quality(
        product_id=row.product_id,
        standard="GB 18401-2010 B",
        report_no=f"CTI-{scene.plan.today:%Y}-{listing_id:04d}",
        name="检测报告.pdf",
        data=_PDF,
        issued_on=scene.plan.today - dt.timedelta(days=320),
        expires_on=scene.plan.today + dt.timedelta(days=45),
        is_passed=True,
        actor=scene.actor("compliance"),
        at=at,
    )
    shown = [
        listings.add_picture(
            listing_id=listing_id,
            angle=angle,
            name=f"{angle}.png",
            data=_picture(place),
            actor=specialist,
            at=at,
        ).id
        for place, angle in enumerate(_ANGLES)
    ]
    content: dict[str, Any] = {
        "title": row.product.name[:60],
        "sections": {name: f"{row.product.name}：{_TEXTS[name]}" for name in SECTIONS},
        "keywords": [row.product.name[:20]],
        "search_title": f"{row.product.name[:30]} 官方旗舰",
        "search_text": f"{row.product.name[:40]}，做工细密，检测合格，七天无理由退货，当日发货。",
        "pictures": [{"id": pk, "angle": angle} for pk, angle in zip(shown, _ANGLES, strict=True)],
        "quality": review,
    }
    _write(scene, listing_id, content, "首次编写上架信息")
    listings.submit(listing_id=listing_id, actor=specialist, at=at)
    listings.attest(listing_id=listing_id, ticks=_TICKS, actor=scene.actor("web_supervisor"), at=at)
    waiting = versions.open_of(kind=listings.KIND, subject_id=listing_id)
    scene.approve(
        waiting.approval_id if waiting else None, "web_supervisor", "compliance", "supervisor"
    )
    edited = {**content, "title": f"{row.product.name[:50]} 冬季新款"}
    _write(scene, listing_id, edited, "换季改标题")


def _leave_to_mend(scene: Scene, listing_id: int) -> None:
    """Leave a draft that says what the law forbids and lacks what the category asks."""
    name = Listing.objects.values_list("product__name", flat=True).get(pk=listing_id)
    content = {
        "title": f"{name[:40]} 全网最佳",
        "sections": {**dict.fromkeys(SECTIONS, ""), "use": "国家级工艺，请按标签保养。"},
        "keywords": [],
    }
    _write(scene, listing_id, content, "先写个草稿")


def _ask_to_delist(scene: Scene, listing_id: int) -> None:
    delisting.ask(
        listing_id=listing_id,
        reason=DelistingReason.SEASON,
        note="冬季结束，余量转特卖",
        effective_at=scene.plan.at + dt.timedelta(days=5),
        actor=scene.actor("specialist"),
        at=scene.plan.at,
    )


def _write(scene: Scene, listing_id: int, content: dict[str, Any], why: str) -> None:
    listings.write(
        listing_id=listing_id,
        content=content,
        why=why,
        actor=scene.actor("specialist"),
        at=scene.plan.at,
    )


def _picture(place: int) -> bytes:
    """Return one drawn view of the goods; no two look alike."""
    made = Image.new("RGB", (900, 900), "#f4f1ec")
    pen = ImageDraw.Draw(made)
    if place == 0:
        pen.ellipse((180, 140, 720, 760), fill="#8a5a3b")
    elif place == 1:
        pen.rectangle((120, 300, 780, 640), fill="#3b5f8a")
    else:
        pen.polygon([(60, 840), (450, 60), (840, 840)], fill="#5c7a4b")
        pen.rectangle((0, 0, 300, 220), fill="#22303c")
    out = io.BytesIO()
    made.save(out, "PNG")
    return out.getvalue()


def _silent(_done: int, _total: int, _stage: str) -> None:
    """Say nothing about progress."""
