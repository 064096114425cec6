"""What a decider is shown: the figures of this moment, and one hash for all of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ops.engines.approvals.flows import Flow
from ops.engines.approvals.types import MovedFigure, RequestInfo
from ops.engines.kernel.canonical import content_hash, plain


def figures_now(flow: Flow, info: RequestInfo) -> Mapping[str, Any]:
    """Return the figures as they are now; those handed in when the flow looks at no others."""
    if flow.now is None or info.closed_at is not None:
        return info.figures
    return dict(plain(flow.now(info)))


def moved(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[MovedFigure, ...]:
    """Return the figures handed in that read otherwise now."""
    return tuple(
        MovedFigure(key, before[key], value)
        for key, value in now.items()
        if key in before and str(before[key]) != str(value)
    )


def shown_hash(info: RequestInfo, now: Mapping[str, Any]) -> str:
    """Return the hash of content and figures as shown; a decision cites it."""
    return content_hash({"content": info.content_hash, "now": now})
