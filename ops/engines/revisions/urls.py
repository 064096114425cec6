"""Addresses of versioned content."""

from ops.engines.revisions.api import RevisionViewSet

api = [("revisions", RevisionViewSet, "revision")]
