"""Tables of the documents engine: rule documents, their versions, who read and asked."""

from ops.engines.documents.models.library import DocumentVersion, RuleDocument
from ops.engines.documents.models.readers import DocumentReading, Interpretation

__all__ = ["DocumentReading", "DocumentVersion", "Interpretation", "RuleDocument"]
