"""The doors of the documents engine."""

from ops.engines.documents.services.abolishing import abolish
from ops.engines.documents.services.drafting import begin, revise, submit
from ops.engines.documents.services.interpreting import interpret
from ops.engines.documents.services.printing import print_document
from ops.engines.documents.services.reading import acknowledge
from ops.engines.documents.services.switching import remind, switch_due

__all__ = [
    "abolish",
    "acknowledge",
    "begin",
    "interpret",
    "print_document",
    "remind",
    "revise",
    "submit",
    "switch_due",
]
