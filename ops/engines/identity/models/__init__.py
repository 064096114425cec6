"""Tables of people and access."""

from .accounts import ApiToken, SetupLink, SignInTry, User
from .organisation import Assignment, Department, Person, Position, PositionConflict, PositionRight

__all__ = [
    "ApiToken",
    "Assignment",
    "Department",
    "Person",
    "Position",
    "PositionConflict",
    "PositionRight",
    "SetupLink",
    "SignInTry",
    "User",
]
