"""A page of a shop with the pictures of how its content looks, one a width."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.rules.pages.pictures import WIDTHS
from catalog.selectors import pages
from ops.engines.desk.contents import ContentPage
from ops.engines.desk.screens import Record, RecordScreen
from ops.engines.kernel.actor import Actor
from ops.engines.revisions.types import RevisionInfo


class PreviewedScreen(RecordScreen, abstract=True):
    """A record whose `load` calls `look_at`; the pictures stand above what is said."""

    template_name = "catalog/shop_page.html"
    previews: Mapping[int, Any]

    def look_at(self, page: ContentPage, *, page_id: int) -> RevisionInfo | None:
        """Return the version that is shown, and keep its pictures for the page."""
        shown = page.shown.info if page.shown else None
        self.previews = (
            pages.previews(page_id=page_id, content_hash=shown.content_hash) if shown else {}
        )
        return shown

    def extra(self, *, record: Record, actor: Actor) -> Mapping[str, Any]:
        """Add the pictures of the shown version, one a width."""
        return {"previews": [(width, self.previews.get(width)) for width in WIDTHS]}
