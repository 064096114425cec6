"""What every rendered file says about itself, in the reader's language."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ops.engines.kernel.parse import BUSINESS_ZONE
from ops.engines.reports.choices import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Title, period and standing of the figures a file shows."""

    title: str
    period: str
    standing: str
    version: int
    cut_off_at: dt.datetime
    rows: int
    digest: str

    @property
    def notes(self) -> dict[str, str]:
        """Return what a workbook's second sheet tells: the figures' origin and standing."""
        moment = self.cut_off_at.astimezone(BUSINESS_ZONE)
        return {
            _("Report"): self.title,
            _("Period"): self.period,
            _("Standing"): str(Standing(self.standing).label),
            _("Version"): str(self.version),
            _("Cut-off"): f"{moment:%Y-%m-%d %H:%M:%S}",
            _("Content digest"): self.digest,
        }

    @property
    def band(self) -> str:
        """Return the one line that says what the figures are worth."""
        return _("%(standing)s v%(version)s #%(digest)s") % {
            "standing": Standing(self.standing).label,
            "version": self.version,
            "digest": self.digest[:8],
        }
