"""Read what was reported."""

from ops.engines.reports.selectors.centre import CentreRow, centre
from ops.engines.reports.selectors.comparing import compare, stored
from ops.engines.reports.selectors.pages import page
from ops.engines.reports.selectors.readers import readers, signatures, signs_as, subscribed
from ops.engines.reports.selectors.runs import run, runs, visible_runs
from ops.engines.reports.selectors.versions import confirmations, editions, newest_edition

__all__ = [
    "CentreRow",
    "centre",
    "compare",
    "confirmations",
    "editions",
    "newest_edition",
    "page",
    "readers",
    "run",
    "runs",
    "signatures",
    "signs_as",
    "stored",
    "subscribed",
    "visible_runs",
]
