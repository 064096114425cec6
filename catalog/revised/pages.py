"""Shop plans, module types, page designs and guidance texts as versioned content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.rules.pages.designs import SEARCH, read_design
from catalog.rules.pages.displays import read_display
from catalog.rules.pages.guidance import read_guidance
from catalog.rules.pages.modules import read_module
from catalog.rules.pages.plans import read_plan
from catalog.selectors import page_checks as checks
from catalog.selectors import pages
from catalog.services import content_duty, displaying
from catalog.services.pages import WRITERS
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import may
from ops.engines.revisions.declarations import of_the_house, revised
from ops.engines.revisions.types import Wish

# Who decides about pages may bring a former version back.
KEEPERS = may("catalog", "A", Role.OPERATIONS_SUPERVISOR, Role.WEB_EDITING_SUPERVISOR)
PLANNERS = may("catalog", "C", Role.OPERATIONS_SUPERVISOR)
ARRANGERS = may("catalog", "C", Role.OPERATIONS_SPECIALIST)
GUIDES = may("catalog", "C", Role.OPERATIONS_SPECIALIST, Role.EDITOR)


def _reach(wish: Wish) -> Mapping[str, Any]:
    """Tell deciders how many pages a module type stands on (CAT-4.3-13)."""
    return {"pages_affected": pages.count_affected(module_id=wish.subject.id)}


revised(
    pages.PLAN,
    title=_("Shop plan"),
    flow="shop_plan",
    area="catalog",
    scope="channel",
    prefix="SP",
    subject_type="catalog.channel",
    subjects=pages.plan_subjects,
    visible=pages.visible_channels,
    read=read_plan,
    policy=PLANNERS,
    keepers=may("catalog", "A", Role.OPERATIONS_MANAGER),
    parts={"plan": ("position", "audience", "price_low", "price_high", "style", "demand")},
    labels={
        "position": _("Market position"),
        "audience": _("Target customers"),
        "price_low": _("Prices from"),
        "price_high": _("Prices to"),
        "style": _("Style guide"),
        "demand": _("Evidence of demand"),
    },
    by_api=True,
    clauses=("MKT-5.3-09",),
)
revised(
    pages.MODULE,
    title=_("Page module type"),
    flow="page_design",
    area="catalog",
    scope="channel",
    prefix="PM",
    subject_type="catalog.pagemodule",
    subjects=pages.module_subjects,
    visible=of_the_house,
    read=read_module,
    policy=WRITERS,
    keepers=KEEPERS,
    parts={"module": ("title", "owner", "fields")},
    figures=_reach,
    may_edit=content_duty.may_edit,
    labels={"title": _("Title"), "owner": _("Owner"), "fields": _("Fields")},
    by_api=True,
    clauses=("CAT-4.3-13", "HR-1.2-29"),
)
revised(
    pages.DESIGN,
    title=_("Page design"),
    flow="page_design",
    area="catalog",
    scope="channel",
    prefix="PD",
    subject_type="catalog.shoppage",
    subjects=pages.page_subjects,
    visible=pages.visible_pages,
    read=read_design,
    policy=WRITERS,
    keepers=KEEPERS,
    checks=(
        checks.follows_plan,
        checks.of_live_modules,
        checks.passes_checklist,
        checks.says_to_search,
        checks.was_looked_at,
    ),
    may_edit=content_duty.may_edit,
    parts={"page": ("title", "plan", "modules", "checklist", *SEARCH)},
    labels={
        "title": _("Title"),
        "plan": _("Version of the shop plan"),
        "modules": _("Modules"),
        "checklist": _("Usability checklist"),
        "preview": _("Preview"),
        "keywords": _("Search words"),
        "search_title": _("Title for search"),
        "search_text": _("Description for search"),
    },
    silent=frozenset({"values"}),
    by_api=True,
    clauses=(
        "MKT-5.3-08",
        "MKT-5.3-10",
        "SYS-6.2-08",
        "SYS-6.2-12",
        "HR-1.2-29",
        "CAT-4.3-14",
    ),
)
revised(
    pages.STEP,
    title=_("Guidance text of a trade step"),
    flow="page_design",
    area="catalog",
    scope="channel",
    prefix="TS",
    subject_type="catalog.tradestep",
    subjects=pages.step_subjects,
    visible=pages.visible_steps,
    read=read_guidance,
    policy=GUIDES,
    keepers=KEEPERS,
    checks=(checks.fits_channel,),
    may_edit=content_duty.may_edit,
    parts={"guidance": ("title", "text", "link")},
    labels={"title": _("Title"), "text": _("Text"), "link": _("Link")},
    by_api=True,
    clauses=("SCM-2.4-07", "HR-1.2-28"),
)
revised(
    pages.DISPLAY,
    title=_("Display plan"),
    flow="page_design",
    area="catalog",
    scope="channel",
    prefix="DP",
    subject_type="catalog.shoppage",
    subjects=pages.display_subjects,
    visible=pages.visible_pages,
    read=read_display,
    policy=ARRANGERS,
    keepers=KEEPERS,
    checks=(checks.of_known_goods, checks.was_looked_at),
    on_live=displaying.follow,
    parts={"display": ("title", "window_days", "slots")},
    labels={
        "title": _("Title"),
        "window_days": _("Days of sales that count"),
        "slots": _("Slots"),
        "preview": _("Preview"),
    },
    clauses=("CAT-4.1-03",),
)
