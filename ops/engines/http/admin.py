"""What apps import for their record screens; found by the framework's autodiscovery."""

from .admin_base import PolicyAdmin, ReadOnlyAdmin
from .records import AssignmentAdmin
from .views import explain

__all__ = ["AssignmentAdmin", "PolicyAdmin", "ReadOnlyAdmin", "explain"]
