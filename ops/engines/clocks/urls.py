"""REST routes of the clocks engine, below /api/v1/."""

from ops.engines.clocks.api import ClockViewSet
from ops.engines.http.routes import ApiRoute

api: list[ApiRoute] = [("clocks", ClockViewSet, "clock")]
