"""Who decides a listing, part by part, and a delisting (CAT-4.3-07, CAT-4.3-08)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.choices.listings import DelistingKind, DelistingReason
from catalog.rules.listing.content import PARTS
from catalog.services import delisting, ranging
from ops.engines.approvals.flows import Example, Flow, Step, register
from ops.engines.approvals.types import RequestInfo
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
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
    """Say in one sentence what is asked for: a listing goes, or SKUs leave the range."""
    if "review" in content:
        return _("%(count)s SKUs leave the range after the review of %(month)s: %(note)s") % {
            "count": len(content["lines"]),
            "month": content["month"],
            "note": content["note"],
        }
    moment = datetime.fromisoformat(str(content["effective_at"])).astimezone(BUSINESS_ZONE)
    return _("%(product)s: %(kind)s from %(moment)s, %(reason)s") % {
        "product": content["product"],
        "kind": DelistingKind(content["kind"]).label,
        "moment": f"{moment:%Y-%m-%d %H:%M}",
        "reason": DelistingReason(content["reason"]).label,
    }


def take_effect(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Take a listing off the shelf, or SKUs out of the range: the subject says which."""
    by_drop = request.subject_type == ranging.SUBJECT
    (ranging.approve if by_drop else delisting.take_off)(request, actor, at)


def take_back(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Let what was asked for stay as it is: the subject says what."""
    by_drop = request.subject_type == ranging.SUBJECT
    (ranging.take_back if by_drop else delisting.take_back)(request, actor, at)


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
        effect=take_effect,
        on_return=take_back,
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
            Example(
                content={
                    "review": 1,
                    "month": "2026-10",
                    "note": "Nobody asks for it any more",
                    "listings": [1],
                    "lines": [
                        {
                            "sku": 1,
                            "code": "A-1001-S",
                            "name": "Cashmere sweater S",
                            "rank": 214,
                            "proposal": "drop",
                            "grounds": ["slow"],
                            "pieces": 2,
                            "turns": "0.40",
                            "return_rate": "0.0",
                            "stock": 60,
                        }
                    ],
                },
                figures={"dropped_skus": 1, "leaving_listings": 1, "stock_pieces": 60},
            ),
        ),
    )
)
