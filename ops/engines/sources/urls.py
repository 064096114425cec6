"""REST routes of the sources engine, below /api/v1/."""

from ops.engines.http.routes import ApiRoute
from ops.engines.sources.api import SentFileViewSet, SourceViewSet

api: list[ApiRoute] = [
    ("outside-sources", SourceViewSet, "outside-source"),
    ("source-files", SentFileViewSet, "source-file"),
]
