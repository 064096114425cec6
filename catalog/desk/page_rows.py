"""Rows of lists of shop content: the subject, what is live of it, what is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.selectors import channels
from ops.engines.desk.screens import Badge, Column, Filter, Kept
from ops.engines.kernel.actor import Actor
from ops.engines.revisions import selectors as revisions
from ops.engines.revisions.choices import Standing
from ops.engines.revisions.types import LiveInfo, RevisionInfo


@dataclass(frozen=True, slots=True)
class Row:
    """One subject with its content."""

    id: int
    subject: Any
    live: LiveInfo | None
    open: RevisionInfo | None

    @property
    def standing(self) -> Standing | Badge:
        """Return what people want to know first: the open version, else the live one."""
        if self.open is not None:
            return Standing(self.open.state)
        return Standing.LIVE if self.live is not None else Badge(_("missing"))


def rows_of(kind: str, found: Sequence[Any], *, at: datetime) -> list[Row]:
    """Return the subjects with their content. One query."""
    standing = revisions.standings(kind=kind, subject_ids=[each.pk for each in found], at=at)
    return [Row(each.pk, each, *standing.get(each.pk, (None, None))) for each in found]


def standing_column() -> Column:
    """Return the column that says where a piece stands."""
    return Column("standing", _("State"), "badge")


def _channels(actor: Actor) -> list[tuple[str, str]]:
    return [(str(each.id), each.name) for each in channels.visible(actor=actor)]


CHANNELS = Filter("channel", _("Channel"), choices=Kept("page_channels", _channels))
