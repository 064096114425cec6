"""A shop that lists goods: words, pictures, a report, and the people who decide."""

import io
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from PIL import Image, ImageDraw

from catalog.services import listing_rules, listings, opening, products
from catalog.types.prices import OpeningPrice
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.revisions import selectors as versions
from ops.engines.revisions.types import RevisionInfo
from tests.catalog.shop import IMPORTER, LONG_AGO, Shop, actor
from tests.engines.identity.factories import AT, SYSTEM, account

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
SECTIONS = {
    "specification": "尺码 S 到 XL，衣长六十四厘米，胸围一百零八厘米。",
    "material": "百分之百内蒙古羊绒，双股精纺，不含化纤。",
    "function": "轻薄保暖，贴身不扎，适合室内外穿着。",
    "use": "三十度以下手洗，平铺晾干，低温熨烫。",
    "after_sales": "七天无理由退货，一年内脱线免费修补。",
}
ANGLES = ("front", "back", "detail")
TICKS = ("clear", "real", "colour", "untouched", "rights")


def picture(number: int, *, size: tuple[int, int] = (900, 900)) -> bytes:
    """Return a picture; different numbers look different, the same number alike."""
    made = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(made)
    for place in range(8):
        if number >> place & 1:
            left, top = place % 4 * size[0] // 4, place // 4 * size[1] // 2
            pen.rectangle((left, top, left + size[0] // 5, top + size[1] // 3), fill="navy")
    out = io.BytesIO()
    made.save(out, "PNG")
    return out.getvalue()


@dataclass
class Stall:
    """The shop's goods that are listed anew, and who works on them."""

    shop: Shop
    product_id: int
    sku_id: int
    editors: User
    compliance: User
    listing_id: int
    review_id: int = 0
    pictures: list[int] = field(default_factory=list)

    def content(self, **changes: Any) -> dict[str, Any]:
        """Return complete content; sections may be changed by their names."""
        made: dict[str, Any] = {
            "title": "羊绒圆领衫",
            "sections": dict(SECTIONS),
            "keywords": ["羊绒衫", "圆领"],
            "search_title": "羊绒圆领衫 精纺轻薄",
            "search_text": "内蒙古羊绒，双股精纺，轻薄保暖，贴身不扎，秋冬四色可选，七天无理由。",
            "pictures": [
                {"id": pk, "angle": angle} for pk, angle in zip(self.pictures, ANGLES, strict=False)
            ],
            "quality": self.review_id or None,
        }
        for name, value in changes.items():
            if name in SECTIONS:
                made["sections"][name] = value
            else:
                made[name] = value
        return made

    def write(self, *, why: str = "首次上架", at: datetime = AT, **changes: Any) -> RevisionInfo:
        """Draft a version as the specialist."""
        publish_at = changes.pop("publish_at", None)
        return listings.write(
            listing_id=self.listing_id,
            content=self.content(**changes),
            why=why,
            publish_at=publish_at,
            actor=actor(self.shop.specialist, at=at),
            at=at,
        )

    def submit(self, *, at: datetime = AT) -> RevisionInfo:
        """Hand the draft in."""
        return listings.submit(
            listing_id=self.listing_id, actor=actor(self.shop.specialist, at=at), at=at
        )

    def attest(self, *, at: datetime = AT) -> None:
        """Attest the pictures as the web editing supervisor."""
        listings.attest(
            listing_id=self.listing_id, ticks=TICKS, actor=actor(self.editors, at=at), at=at
        )

    def approve(self, *users: User, at: datetime = AT) -> None:
        """Approve what is in review as these people, or as all three."""
        waiting = versions.open_of(kind="catalog.listing", subject_id=self.listing_id)
        assert waiting is not None
        request = Request.objects.get(pk=waiting.approval_id or 0)
        for user in users or (self.editors, self.compliance, self.shop.supervisor):
            approvals.approve(
                request_id=request.pk,
                content_hash=request.content_hash,
                actor=actor(user, at=at),
                at=at,
            )

    def list(self, *, at: datetime = AT, **changes: Any) -> None:
        """Write, hand in, attest and approve: the goods stand on the shelf."""
        self.write(at=at, **changes)
        self.submit(at=at)
        self.attest(at=at)
        self.approve(at=at)


def add_pictures(stall: Stall, *numbers: int) -> list[int]:
    """Upload pictures as the specialist; returns their ids."""
    return [
        listings.add_picture(
            listing_id=stall.listing_id,
            angle=ANGLES[place % len(ANGLES)],
            name=f"图{number}.png",
            data=picture(number),
            actor=actor(stall.shop.specialist),
            at=AT,
        ).id
        for place, number in enumerate(numbers)
    ]


def review(
    stall: Stall, *, expires_on: date = date(2027, 11, 1), is_passed: bool = True, at: datetime = AT
) -> int:
    """Keep a report as compliance."""
    return listing_rules.review_quality(
        product_id=stall.product_id,
        standard="GB 18401-2010 B",
        report_no="CTI-2026-0711",
        name="检测报告.pdf",
        data=PDF,
        issued_on=date(2026, 7, 11),
        expires_on=expires_on,
        is_passed=is_passed,
        actor=actor(stall.compliance, at=at),
        at=at,
    )


def open_stall(shop: Shop, *, name: str = "羊绒圆领衫", with_pictures: bool = True) -> Stall:
    """Make a product with one SKU, its price and an open listing; the stock port must be filled."""
    product = products.create_product(name=name, category_id=shop.category_id, actor=SYSTEM, at=AT)
    sku = products.create_sku(product_id=product.id, name=name, actor=SYSTEM, at=AT)
    listing = listings.open_listing(
        product_id=product.id, channel_id=shop.channel_id, actor=actor(shop.specialist), at=AT
    )
    opening.open_prices(
        channel_id=shop.channel_id,
        prices=[OpeningPrice(sku_id=sku.id, price="299.00", since=LONG_AGO)],  # type: ignore[arg-type]
        source=f"stall {name}",
        actor=IMPORTER,
        at=AT,
    )
    known = User.objects.filter(username="editors").first()
    stall = Stall(
        shop=shop,
        product_id=product.id,
        sku_id=sku.id,
        editors=known or account("editors", Role.WEB_EDITING_SUPERVISOR),
        compliance=User.objects.filter(username="compliance").first()
        or account("compliance", Role.COMPLIANCE_OFFICER),
        listing_id=listing.id,
    )
    if with_pictures:
        stall.pictures = add_pictures(stall, 0b1001, 0b110010, 0b11100100)
    stall.review_id = review(stall)
    return stall


def stocked(*, sku_ids: Any) -> dict[int, int]:
    """Answer the stock port: every SKU has pieces."""
    return dict.fromkeys(sku_ids, 7)
