"""How lists of the register read on screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from compliance.choices import CONTROL_KINDS
from ops.engines.desk.words import role_name

_FINDINGS: Final = {
    "fact": _lazy("A fact was changed or removed"),
    "leaf": _lazy("A sealed leaf was changed"),
    "row": _lazy("A row does not have its own hash"),
    "root": _lazy("The sealed facts are not these"),
    "proof": _lazy("The proof is forged"),
    "chain": _lazy("The anchors do not follow one another"),
    "key": _lazy("Signed by a key nobody trusts"),
    "signature": _lazy("The signature is wrong"),
    "outside": _lazy("Not as it was copied outside"),
    "fork": _lazy("Two copies outside differ"),
    "cut": _lazy("Something was cut off"),
    "extra": _lazy("Something was added"),
    "stray": _lazy("A fact stands outside the sealed sequence"),
    "empty": _lazy("Nothing is proved"),
    "bundle": _lazy("The file is put together wrongly"),
}


def finding(code: str) -> str:
    """Return the name of what a check of the audit trail found."""
    return str(_FINDINGS.get(code, code))


def actors(names: Iterable[str]) -> str:
    """Return the roles of a clause in words, in one line."""
    return _(", ").join(role_name(name.lower().replace(" ", "_")) for name in names)


def control_kind(kind: str) -> str:
    """Return the name of a kind of control."""
    return str(CONTROL_KINDS.get(str(kind), kind))
