"""The register of clauses this product carries: a copy, byte for byte, of the one it was given."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

FILE: Final = Path(__file__).with_name("clauses.yaml")
CHINESE: Final = Path(__file__).with_name("requirements_zh.yaml")
# The C loader reads the file in a fifth of the time; where libyaml is absent the other one serves.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Register:
    """The register as read: clauses in their order, and the lists beside them."""

    sha256: str
    version: str
    clauses: Sequence[Mapping[str, Any]]
    jobs: Sequence[Mapping[str, Any]]
    approvals: Sequence[Mapping[str, Any]]
    reports: Sequence[Mapping[str, Any]]
    roles: Sequence[Mapping[str, Any]]
    documents: Sequence[Mapping[str, Any]]
    chinese: Mapping[str, str]


def digest() -> str:
    """Return the hash of the register and of its Chinese wording."""
    whole = hashlib.sha256(FILE.read_bytes())
    if CHINESE.exists():
        whole.update(CHINESE.read_bytes())
    return whole.hexdigest()


@cache
def read() -> Register:
    """Read the register; once per process, the file changes only with the code."""
    loaded = yaml.load(FILE.read_bytes(), Loader=_LOADER)  # noqa: S506 - a safe loader, see above
    chinese: dict[str, str] = {}
    if CHINESE.exists():
        chinese = yaml.load(CHINESE.read_bytes(), Loader=_LOADER)  # noqa: S506 - the same
    return Register(
        sha256=digest(),
        version=str(loaded["version"]),
        clauses=loaded["clauses"],
        jobs=loaded["jobs"],
        approvals=loaded["approvals"],
        reports=loaded["reports"],
        roles=loaded["roles"],
        documents=loaded["documents"],
        chinese=chinese,
    )
