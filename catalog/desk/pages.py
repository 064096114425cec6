"""What shop pages put on the desk, and how their versions are decided (MKT-5.3-08)."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.selectors import pages
from catalog.types.pages import AffectedPage
from ops.engines.approvals.types import RequestInfo
from ops.engines.desk.contents import content_decision
from ops.engines.desk.screens import Column, Lines, NavEntry, nav, word_actions, word_figures
from ops.engines.files.holders import declare_holder
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import may

VIEW = may("catalog", "V")
_WRITERS = (
    Role.OPERATIONS_SPECIALIST,
    Role.DESIGNER,
    Role.EDITOR,
    Role.WEB_EDITING_SUPERVISOR,
)

nav(
    NavEntry(
        key="shop_pages", title=_("Shop pages"), url_name="catalog:shop_pages", policy=VIEW,
        roles=_WRITERS, order=47, icon="desk", group=_("Goods and prices"),
    )
)  # fmt: skip
declare_holder(pages.FILES, policy=VIEW, visible=pages.is_visible)
word_actions(
    {
        "catalog.page_module_named": _("named the module type"),
        "catalog.page_looked_at": _("looked at it in one width"),
    }
)
word_figures(
    {
        "about": (_("About"), "text"),
        "version": (_("Version"), "number"),
        "reason": (_("Reason"), "text"),
        "publish_at": (_("To be published at"), "moment"),
        "findings": (_("Findings"), "number"),
        "pages_affected": (_("Pages affected"), "number"),
        "routed": ("", "hidden"),
    }
)


def affected_table(found: Sequence[AffectedPage]) -> Lines:
    """Return the live pages that stand on a module type (CAT-4.3-13)."""
    return Lines(
        _("Pages this module type stands on"),
        (
            Column(
                "channel",
                _("Channel"),
                name=True,
                href=lambda row: reverse("catalog:shop_page", args=[row.page_id]),
            ),
            Column("kind", _("Page"), value=lambda row: row.kind.label),
            Column("version", _("Live version"), "number"),
            Column("module_version", _("Composed with version"), "number"),
            Column("placements", _("Placements"), "number"),
        ),
        found,
        empty=_("No live page is composed with it."),
    )


def _affected(request: RequestInfo) -> Sequence[Lines]:
    if request.content.get("kind") != pages.MODULE:
        return ()
    module_id = request.content["subject_id"]
    if not pages.modules().filter(pk=module_id).exists():
        return ()
    return [affected_table(pages.affected_pages(module_id=module_id, at=timezone.now()))]


content_decision("shop_plan")
content_decision("page_design", more=_affected)
