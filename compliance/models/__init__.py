"""Tables of compliance: the register, how each clause stands, what people vouch for, bundles."""

from compliance.models.bundles import AuditBundle
from compliance.models.register import Clause, ClauseSource, RegisterEdition, RegisterItem
from compliance.models.standing import Attestation, ClauseStanding

__all__ = [
    "Attestation",
    "AuditBundle",
    "Clause",
    "ClauseSource",
    "ClauseStanding",
    "RegisterEdition",
    "RegisterItem",
]
