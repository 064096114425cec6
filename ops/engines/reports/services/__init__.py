"""The doors of the reports engine."""

from ops.engines.reports.services.building import build, perform
from ops.engines.reports.services.confirming import confirm
from ops.engines.reports.services.delivering import download
from ops.engines.reports.services.restating import restate_due, waiting
from ops.engines.reports.services.starting import start

__all__ = ["build", "confirm", "download", "perform", "restate_due", "start", "waiting"]
