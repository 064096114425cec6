"""The doors of the reports engine."""

from ops.engines.reports.services.building import build, perform
from ops.engines.reports.services.confirming import confirm
from ops.engines.reports.services.delivering import download
from ops.engines.reports.services.restating import restate_due, waiting
from ops.engines.reports.services.signing import sign
from ops.engines.reports.services.starting import start
from ops.engines.reports.services.stopping import cancel, resume
from ops.engines.reports.services.subscribing import subscribe
from ops.engines.reports.services.telling import remind

__all__ = [
    "build",
    "cancel",
    "confirm",
    "download",
    "perform",
    "remind",
    "restate_due",
    "resume",
    "sign",
    "start",
    "subscribe",
    "waiting",
]
