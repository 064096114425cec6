"""Reading people and access."""

from .actors import actor_for, needs_second_factor
from .devices import ABSOLUTE, IDLE, epoch_of, live_devices
from .duties import acted, conflicts, exceptions, rules
from .people import (
    accounts_of,
    demo_accounts,
    departments,
    holders,
    person_name,
    person_names,
    role_names,
)
from .reach import deputies, holds_itself, reaching, stand_ins

__all__ = [
    "ABSOLUTE",
    "IDLE",
    "accounts_of",
    "acted",
    "actor_for",
    "conflicts",
    "demo_accounts",
    "departments",
    "deputies",
    "holders",
    "holds_itself",
    "epoch_of",
    "exceptions",
    "live_devices",
    "needs_second_factor",
    "person_name",
    "person_names",
    "reaching",
    "role_names",
    "rules",
    "stand_ins",
]
