"""`make teeth [PROMISES=...]`: weaken the product in one place at a time; its tests must go red.

`tests/teeth.toml` and `tests/teeth/*.toml` hold one table per mutant:

    [[mutant]]
    promise = "S6"
    name = "a serializer ignores fields it does not know"
    file = "ops/engines/http/serializers.py"
    find = "exact text, once in the file"
    replace = "other text"
    tests = "tests/badinput/test_mass_assignment.py::test_x"

The tree is copied without what git ignores; nothing is changed here. The tests of all mutants must
pass in the copy before the first mutation, otherwise their going red would prove nothing.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tests.promises import PROMISES

ROOT: Final = Path(__file__).resolve().parents[1]
REGISTERS: Final = (
    ROOT / "tests" / "teeth.toml",
    *sorted((ROOT / "tests" / "teeth").glob("*.toml")),
)
RESULT: Final = ROOT / "build" / "teeth.json"
_RED, _GREEN = 1, 0


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One weakening of the product and the tests that must notice it."""

    promise: str
    name: str
    file: str
    find: str
    replace: str
    tests: str

    @property
    def ids(self) -> list[str]:
        """Return the pytest ids; one that has blanks in it stands between quotes."""
        return shlex.split(self.tests)

    def applied(self, text: str) -> str:
        """Return the file's text with the weakness in it.

        Raises ValueError unless the text to replace is there exactly once.
        """
        if (times := text.count(self.find)) != 1:
            raise ValueError(f"{self.promise} {self.name}: `find` is {times} times in {self.file}")
        return text.replace(self.find, self.replace)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one mutant: bitten, survived, or broken."""

    promise: str
    name: str
    verdict: str
    seconds: float


def mutants(promises: Sequence[str] = ()) -> list[Mutant]:
    """Return the mutants of the registers, all or those of some promises."""
    found = [
        Mutant(**one)
        for register in REGISTERS
        for one in tomllib.loads(register.read_text())["mutant"]
    ]
    return [one for one in found if not promises or one.promise in promises]


def copied(folder: Path) -> None:
    """Copy the tree without what git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def run(folder: Path, tests: Sequence[str]) -> int:
    """Run tests in the copy, on the test cluster of this tree, and return pytest's code."""
    told = {
        "TEST_DATA_DIR": os.environ.get("TEST_DATA_DIR", str(ROOT / ".data-test")),
        "GUIFAN_SHARED": os.environ.get("GUIFAN_SHARED", str(ROOT.parent / "shared")),
    }
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    with (folder / "teeth.log").open("w") as log:
        done = subprocess.run(
            command, cwd=folder, env=os.environ | told, stdout=log, stderr=log, check=False
        )
    return done.returncode


def bite(folder: Path, mutant: Mutant) -> Outcome:
    """Weaken the copy, run the tests that must notice, and make it whole again."""
    path, began = folder / mutant.file, time.monotonic()
    whole = path.read_text()
    path.write_text(mutant.applied(whole))
    try:
        code = run(folder, mutant.ids)
    finally:
        path.write_text(whole)
    verdict = {_RED: "bitten", _GREEN: "survived"}.get(code, f"broken (pytest {code})")
    seconds = round(time.monotonic() - began, 1)
    return Outcome(promise=mutant.promise, name=mutant.name, verdict=verdict, seconds=seconds)


def summary(outcomes: Sequence[Outcome]) -> list[str]:
    """Return one line per promise: bitten of tried, or what was not tried and why."""
    known = Counter(one.promise for one in mutants())
    told = []
    groups = {name: promise.words for name, promise in PROMISES.items()}
    groups |= {name: "of an engine" for name in sorted(known) if name not in groups}
    for name, words in groups.items():
        mine = [one for one in outcomes if one.promise == name]
        bitten = sum(one.verdict == "bitten" for one in mine)
        if mine:
            word = f"{bitten} of {len(mine)} noticed"
        else:
            word = f"{known[name]} not run" if known[name] else "no mutant"
        told.append(f"{name:<6} {word:<16} {words}")
    return told


def main(promises: Sequence[str]) -> int:
    """Bite every mutant, print a table, and return 0 when all were noticed."""
    chosen = mutants(promises)
    for one in chosen:
        one.applied((ROOT / one.file).read_text())
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="guifan-teeth-") as name:
        folder = Path(name)
        copied(folder)
        whole = run(folder, sorted({test for one in chosen for test in one.ids}))
        if whole != _GREEN:
            print((folder / "teeth.log").read_text()[-2000:])
            print(f"the tests do not pass without a mutant (pytest {whole})")
            return 2
        for one in chosen:
            outcomes.append(bite(folder, one))
            last = outcomes[-1]
            print(
                f"{last.promise:<5} {last.verdict:<10} {last.seconds:>6} s  {last.name}", flush=True
            )
    print("\n".join(summary(outcomes)))
    passed = bool(outcomes) and all(one.verdict == "bitten" for one in outcomes)
    RESULT.parent.mkdir(exist_ok=True)
    told = {"passed": passed, "mutants": [asdict(one) for one in outcomes]}
    RESULT.write_text(json.dumps(told, indent=1))
    print(f"{len(outcomes)} mutants, {RESULT.relative_to(ROOT)} written")
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
