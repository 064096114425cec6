"""The write doors of scorecards: versions, opening, computing, marks, decisions, objections."""

from ops.engines.scorecards.services.computing import compute
from ops.engines.scorecards.services.confirming import confirm, finalise, publish
from ops.engines.scorecards.services.marking import mark, mark_all
from ops.engines.scorecards.services.objecting import decide, object_to
from ops.engines.scorecards.services.opening import open_period
from ops.engines.scorecards.services.versions import set_weights

__all__ = [
    "compute",
    "confirm",
    "decide",
    "finalise",
    "mark",
    "mark_all",
    "object_to",
    "open_period",
    "publish",
    "set_weights",
]
