"""Reading people and access."""

from .actors import actor_for, needs_second_factor
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
    "accounts_of",
    "actor_for",
    "demo_accounts",
    "departments",
    "deputies",
    "holders",
    "holds_itself",
    "needs_second_factor",
    "person_name",
    "person_names",
    "reaching",
    "role_names",
    "stand_ins",
]
