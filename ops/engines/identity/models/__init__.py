"""Tables of people and access."""

from .accounts import ApiToken, Assertion, SetupLink, SignInTry, User
from .devices import AccountLink, Device, RecoveryCode
from .duties import Duty, DutyAct, DutyException, DutyRule
from .organisation import Assignment, Department, Person, Position, PositionConflict, PositionRight
from .passkeys import Passkey, SpentChallenge

__all__ = [
    "AccountLink",
    "ApiToken",
    "Assertion",
    "Assignment",
    "Department",
    "Device",
    "Duty",
    "DutyAct",
    "DutyException",
    "DutyRule",
    "Passkey",
    "Person",
    "Position",
    "PositionConflict",
    "PositionRight",
    "RecoveryCode",
    "SetupLink",
    "SignInTry",
    "SpentChallenge",
    "User",
]
