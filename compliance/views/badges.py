"""How the state of a clause looks, in the list and on its page."""

from __future__ import annotations

from compliance.choices import ClauseState
from ops.engines.desk.screens import (
    Badge,
    Tone,
)

_TONES = {
    ClauseState.ENFORCED: Tone.DONE,
    ClauseState.EVIDENCED: Tone.RUNNING,
    ClauseState.ATTESTED: Tone.WAITING,
    ClauseState.MISSING: Tone.NEUTRAL,
}


def state_badge(state: str) -> Badge:
    """Return a clause's state with its word and colour."""
    known = ClauseState(state)
    return Badge(known.label, _TONES[known])
