"""Read the rule library."""

from ops.engines.documents.selectors.library import (
    document_named,
    in_force,
    library,
    reader_of_versions,
    version_at,
    versions,
)
from ops.engines.documents.selectors.readers import audience_ids, readership, unread_count

__all__ = [
    "audience_ids",
    "document_named",
    "in_force",
    "library",
    "reader_of_versions",
    "readership",
    "unread_count",
    "version_at",
    "versions",
]
