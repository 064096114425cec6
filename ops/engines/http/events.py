"""What the doors announce."""

from dataclasses import dataclass
from typing import ClassVar

from ops.engines.events.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInOnNewDevice(Fact):
    """An account was signed in on a browser it was never signed in on before."""

    name: ClassVar[str] = "http.signed_in_on_new_device"

    user_id: int
    person_id: int
    label: str
    address: str
    signed_in_at: str
