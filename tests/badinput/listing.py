"""Listings left where somebody may act on them."""

from __future__ import annotations

from typing import Any

from catalog.models import Listing, Product
from catalog.rules.listing.content import SECTIONS
from catalog.services import listings
from ops.engines.approvals.models import Request
from ops.engines.revisions import selectors as versions
from ops.engines.revisions.models import Revision


def drafted() -> int:
    """Return a listing with a draft that lacks something."""
    return _open("draft", why="先写个草稿")


def waiting() -> int:
    """Return a listing whose edit waits for the reviewer of copy."""
    return _open("submitted")


def complete() -> int:
    """Return a listing with an edit that lacks nothing, not handed in yet."""
    return _open("draft", why="换季改标题")


def content() -> dict[str, Any]:
    """Return a version the company takes as a draft."""
    return {
        "title": "静音落地风扇",
        "sections": dict.fromkeys(SECTIONS, "正文至少十个字在这里"),
        "why": "换季",
    }


def mark() -> dict[str, str]:
    """Return the hash of what waits."""
    found = versions.open_of(kind=listings.KIND, subject_id=waiting())
    assert found is not None
    request = Request.objects.get(pk=found.approval_id or 0)
    return {"content_hash": request.content_hash}


def shown() -> int:
    """Return a listing on the shelf that nobody asked to take off."""
    rows = Listing.objects.filter(delistings=None, retired_at=None, shelf__delisting=None)
    return rows.order_by("pk").values_list("pk", flat=True)[0]


def unlisted() -> int:
    """Return goods that have no listing and no ban."""
    rows = Product.objects.filter(listings=None, bans=None).order_by("-pk")
    return rows.values_list("pk", flat=True)[0]


def _open(state: str, **more: str) -> int:
    rows = Revision.objects.filter(piece__kind=listings.KIND, state=state, **more).order_by("pk")
    return rows.values_list("piece__subject_id", flat=True)[0]
