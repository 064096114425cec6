"""Tables of people and access."""

from .accounts import ApiToken, Assertion, SetupLink, SignInTry, User
from .organisation import Assignment, Department, Person, Position, PositionConflict, PositionRight

__all__ = [
    "ApiToken",
    "Assertion",
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
