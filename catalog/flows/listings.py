"""Who decides a listing, part by part, and a delisting (CAT-4.3-07, CAT-4.3-08)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.choices.listings import DelistingKind, DelistingReason
from catalog.rules.listing.content import PARTS
from catalog.services import delisting
from ops.engines.approvals.flows import Example, Flow, Step, register
from ops.engines.identity.choices import Role
from ops.engines.kernel.parse import BUSINESS_ZONE
from ops.engines.revisions import services as revisions
from ops.engines.revisions.declarations import touches


def for_compliance(shown: Mapping[str, Any]) -> bool:
    """Say whether compliance decides too: quality is part of it, or a soft match routes it."""
    return touches("quality")(shown) or bool(shown["routed"])


def is_whole(shown: Mapping[str, Any]) -> bool:
    """Say whether everything is reviewed: goods that come, or come back, onto the shelf."""
    return set(PARTS) <= set(shown["parts"])


def describe(content: Mapping[str, Any]) -> str:
    """Say in one sentence what is asked for."""
    return _("%(about)s, version %(version)s: %(reason)s") % {
        "about": content["about"],
        "version": content["version"],
        "reason": content["reason"],
    }


def describe_delisting(content: Mapping[str, Any]) -> str:
    """Say in one sentence what is asked for."""
    moment = datetime.fromisoformat(str(content["effective_at"])).astimezone(BUSINESS_ZONE)
    return _("%(product)s: %(kind)s from %(moment)s, %(reason)s") % {
        "product": content["product"],
        "kind": DelistingKind(content["kind"]).label,
        "moment": f"{moment:%Y-%m-%d %H:%M}",
        "reason": DelistingReason(content["reason"]).label,
    }


def _example(*parts: str, routed: tuple[str, ...] = ()) -> Example:
    return Example(
        content={
            "kind": "catalog.listing",
            "about": "LS-202611-0001 Cashmere sweater",
            "subject_id": 1,
            "revision": 1,
            "version": 1,
            "former_version": None,
            "content_hash": "0" * 64,
            "publish_at": None,
            "reason": "first listing",
            "parts": list(parts),
            "changes": [{"field": "title", "old": None, "new": "Cashmere sweater"}],
            "changes_total": 1,
        },
        figures={"findings": len(routed), "routed": list(routed), "pictures": 3, "characters": 420},
    )


LISTING = register(
    Flow(
        "listing",
        title=gettext_lazy("Listing"),
        requester=frozenset({Role.OPERATIONS_SPECIALIST, Role.EDITOR, Role.DESIGNER}),
        steps=(
            Step(Role.WEB_EDITING_SUPERVISOR, when=touches("copy", "images")),
            Step(Role.COMPLIANCE_OFFICER, when=for_compliance),
            Step(Role.OPERATIONS_SUPERVISOR, when=is_whole),
        ),
        area="catalog",
        scope="channel",
        effect=revisions.publish,
        on_return=revisions.take_back,
        on_void=revisions.give_way,
        guards="revisions_publication",
        clauses=(
            "HR-1.2-15", "HR-1.2-27", "HR-1.2-28", "CAT-4.3-03", "CAT-4.3-06", "CAT-4.3-07",
            "CAT-4.3-11",
        ),
        describe=describe,
        examples=(
            _example("copy", "images", "quality"),
            _example("copy"),
            _example("copy", routed=("catalog.goods_doubtful",)),
            _example("quality"),
        ),
    )
)  # fmt: skip

DELISTING = register(
    Flow(
        "delisting",
        title=gettext_lazy("Delisting"),
        requester=frozenset({Role.OPERATIONS_SPECIALIST}),
        steps=(Step(Role.OPERATIONS_SUPERVISOR),),
        area="catalog",
        scope="channel",
        effect=delisting.take_off,
        on_return=delisting.take_back,
        guards="catalog_delisting",
        clauses=("CAT-4.1-05", "CAT-4.3-08"),
        describe=describe_delisting,
        examples=(
            Example(
                content={
                    "listing": 1,
                    "number": "LS-202611-0001",
                    "product": "Cashmere sweater",
                    "channel": 1,
                    "kind": "off",
                    "reason": "season",
                    "note": "The winter is over",
                    "effective_at": "2026-12-01T00:00:00+08:00",
                },
                figures={"open_pieces": 4, "stock_pieces": 120},
            ),
        ),
    )
)
