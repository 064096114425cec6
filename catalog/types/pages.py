"""Shop pages as the catalogue hands them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.choices.pages import PageKind, PreviewOrigin, TradeStepKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSet:
    """What a channel needs before it opens, and what of it is live.

    `pages` and `steps` hold the number of the live version, None where nothing is live; `ids` the
    row of each part.
    """

    channel_id: int
    code: str
    name: str
    is_own: bool
    is_active: bool
    plan_no: int | None
    pages: Mapping[PageKind, int | None]
    steps: Mapping[TradeStepKind, int | None]
    ids: Mapping[PageKind | TradeStepKind, int]

    @property
    def lacking(self) -> list[PageKind | TradeStepKind]:
        """Return the page kinds and steps without anything live."""
        kinds = [kind for kind, no in self.pages.items() if no is None]
        return [*kinds, *(step for step, no in self.steps.items() if no is None)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedPage:
    """A live page that is composed with a module type, and how often."""

    page_id: int
    channel: str
    kind: PageKind
    version: int
    module_version: int
    placements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewInfo:
    """One picture of a version at one width."""

    id: int
    width: int
    origin: str
    attachment_id: int
    sha256: str
    made_at: datetime

    @property
    def origin_name(self) -> str:
        """Say how it came to be."""
        return str(PreviewOrigin(self.origin).label)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAnswer:
    """One line of the usability checklist with its answer; `is_met` None says unanswered."""

    key: str
    title: str
    is_mandatory: bool
    answer: str
    is_met: bool | None
