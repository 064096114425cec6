"""Who decides shop plans and what customers see on pages (MKT-5.3-08, MKT-5.3-09)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops.engines.approvals.flows import Example, Flow, Step, register
from ops.engines.identity.choices import Role
from ops.engines.revisions import services


def describe(content: Mapping[str, Any]) -> str:
    """Say in one sentence what is asked for."""
    return _("%(about)s, version %(version)s: %(reason)s") % {
        "about": content["about"],
        "version": content["version"],
        "reason": content["reason"],
    }


def _example(kind: str, about: str, part: str, change: Mapping[str, Any]) -> Example:
    return Example(
        content={
            "kind": kind,
            "about": about,
            "subject_id": 1,
            "revision": 1,
            "version": 2,
            "former_version": 1,
            "content_hash": "0" * 64,
            "publish_at": None,
            "reason": "New style for the winter",
            "parts": [part],
            "changes": [change],
            "changes_total": 1,
        },
        figures={"findings": 0, "routed": []},
    )


SHOP_PLAN = register(
    Flow(
        "shop_plan",
        title=gettext_lazy("Shop position and style"),
        requester=frozenset({Role.OPERATIONS_SUPERVISOR}),
        steps=(Step(Role.OPERATIONS_MANAGER),),
        area="catalog",
        scope="channel",
        effect=services.publish,
        on_return=services.take_back,
        on_void=services.give_way,
        guards="revisions_publication",
        clauses=("MKT-5.3-09",),
        describe=describe,
        examples=(
            _example(
                "catalog.shop_plan",
                "天猫旗舰店",
                "plan",
                {"field": "price_high", "old": "299.00", "new": "399.00"},
            ),
        ),
    )
)
PAGE_DESIGN = register(
    Flow(
        "page_design",
        title=gettext_lazy("Page version, module, display plan, guidance text"),
        requester=frozenset({Role.DESIGNER, Role.OPERATIONS_SPECIALIST, Role.EDITOR}),
        steps=(Step(Role.WEB_EDITING_SUPERVISOR), Step(Role.OPERATIONS_SUPERVISOR)),
        area="catalog",
        scope="channel",
        effect=services.publish,
        on_return=services.take_back,
        on_void=services.give_way,
        guards="revisions_publication",
        clauses=(
            "HR-1.2-16", "HR-1.2-27", "HR-1.2-29", "SCM-2.4-07", "CAT-4.1-03", "CAT-4.3-12",
            "CAT-4.3-13", "MKT-5.3-08", "MKT-5.3-10", "SYS-6.2-08", "SYS-6.2-12",
        ),
        describe=describe,
        examples=(
            _example(
                "catalog.page_design",
                "天猫旗舰店 · 首页",
                "page",
                {"field": "modules.banner.values.headline", "old": "秋装", "new": "冬装"},
            ),
        ),
    )
)  # fmt: skip
