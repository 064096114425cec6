"""How lists of the register read on screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.choices import CONTROL_KINDS
from ops.engines.desk.words import role_name

_FINDINGS: Final = {
    "fact": gettext_lazy("A fact was changed or removed"),
    "leaf": gettext_lazy("A sealed leaf was changed"),
    "row": gettext_lazy("A row does not have its own hash"),
    "root": gettext_lazy("The sealed facts are not these"),
    "proof": gettext_lazy("The proof is forged"),
    "chain": gettext_lazy("The anchors do not follow one another"),
    "key": gettext_lazy("Signed by a key nobody trusts"),
    "signature": gettext_lazy("The signature is wrong"),
    "outside": gettext_lazy("Not as it was copied outside"),
    "fork": gettext_lazy("Two copies outside differ"),
    "cut": gettext_lazy("Something was cut off"),
    "extra": gettext_lazy("Something was added"),
    "stray": gettext_lazy("A fact stands outside the sealed sequence"),
    "empty": gettext_lazy("Nothing is proved"),
    "bundle": gettext_lazy("The file is put together wrongly"),
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
