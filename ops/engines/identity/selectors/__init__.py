"""Reading people and access."""

from .actors import actor_for, needs_second_factor
from .devices import ABSOLUTE, IDLE, epoch_of, is_signed_in, live_devices
from .duties import acted, conflicts, exceptions, rules
from .passkeys import evidence, has_passkey, live_passkeys, passkeys_of
from .people import (
    accounts_of,
    demo_accounts,
    departments,
    departments_at,
    holders,
    person_name,
    person_names,
    role_names,
)
from .reach import deputies, holds_itself, reaching, stand_ins
from .rights import rights_in_force
from .staff import (
    accounts_to_open,
    assignments_of,
    codes_left,
    givable_positions,
    holding,
    in_use,
    logins_of,
    person,
    person_hits,
    security_watch,
    staff,
    tokens_of,
)

__all__ = [
    "ABSOLUTE",
    "IDLE",
    "accounts_of",
    "accounts_to_open",
    "acted",
    "actor_for",
    "assignments_of",
    "codes_left",
    "conflicts",
    "demo_accounts",
    "departments",
    "departments_at",
    "deputies",
    "epoch_of",
    "evidence",
    "exceptions",
    "givable_positions",
    "has_passkey",
    "holders",
    "holding",
    "holds_itself",
    "in_use",
    "is_signed_in",
    "live_devices",
    "live_passkeys",
    "logins_of",
    "needs_second_factor",
    "passkeys_of",
    "person",
    "person_hits",
    "person_name",
    "person_names",
    "reaching",
    "rights_in_force",
    "role_names",
    "rules",
    "security_watch",
    "staff",
    "stand_ins",
    "tokens_of",
]
