"""How lists of the register read on screen."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from compliance.choices import CONTROL_KINDS
from ops.engines.desk.words import role_name


def actors(names: Iterable[str]) -> str:
    """Return the roles of a clause in words, in one line."""
    return _(", ").join(role_name(name.lower().replace(" ", "_")) for name in names)


def control_kind(kind: str) -> str:
    """Return the name of a kind of control."""
    return str(CONTROL_KINDS.get(str(kind), kind))
