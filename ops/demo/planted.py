"""What was planted on purpose: errors to be found and frauds to be refused, listed in a file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Plant:
    """One thing planted: its kind, the document or number it is about, and what should happen."""

    kind: str
    where: str
    expected: str
    detail: str = ""


@dataclass(slots=True)
class Planted:
    """The list, in the order of planting."""

    plants: list[Plant] = field(default_factory=list)

    def add(self, kind: str, where: str, expected: str, detail: str = "") -> None:
        """Note one more."""
        self.plants.append(Plant(kind, where, expected, detail))

    def write(self, path: Path, *, seed: int) -> None:
        """Write the list for whoever checks whether the product finds them."""
        content = {"seed": seed, "planted": [asdict(plant) for plant in self.plants]}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
