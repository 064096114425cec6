"""REST routes of scorecards."""

from ops.engines.scorecards.api import CardViewSet

api = [("scorecards", CardViewSet, "scorecard")]
