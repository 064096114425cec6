"""Words of the reports engine."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class PeriodKind(StrEnum):
    """What stretch of time a report may be asked for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    RANGE = "range"


class Format(models.TextChoices):
    """The files a report is given out as."""

    XLSX = "xlsx", "XLSX"
    CSV = "csv", "CSV"
    PDF = "pdf", "PDF"
    JSON = "json", "JSON"
    ZIP = "zip", "ZIP"


class RunState(models.TextChoices):
    """Where the making of one file stands."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")


class Standing(models.TextChoices):
    """What a version of figures is worth: may they still change?"""

    PROVISIONAL = "provisional", _("Provisional")
    SEALED = "sealed", _("Sealed")
    RESTATED = "restated", _("Restated")


class SignatureKind(models.TextChoices):
    """What a person signs under a final version of figures."""

    PREPARED = "prepared", _("Prepared")
    APPROVED = "approved", _("Approved")
    RELEASED = "released", _("Released the restatement")


OPEN_STATES = (RunState.QUEUED, RunState.RUNNING)
MEDIA_TYPES = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
    Format.PDF: "application/pdf",
    Format.JSON: "application/json",
    Format.ZIP: "application/zip",
}
