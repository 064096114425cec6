"""`make teeth [PROMISES=...]`: weaken the product in one place at a time; its tests must go red.

`tests/teeth.toml` and `tests/teeth/*.toml` hold one table per mutant:

    [[mutant]]
    promise = "S6"
    name = "a serializer ignores fields it does not know"
    file = "ops/engines/http/serializers.py"
    find = "exact text, once in the file"
    replace = "other text"
    tests = "tests/badinput/test_mass_assignment.py::test_x"

The tree is copied without what git ignores, once for every core; nothing is changed here. Tests
that are red before any mutation prove nothing by going red: their mutants are named as such.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Queue
from typing import Final

from tests.promises import PROMISES
from tests.support.places import data_dir

ROOT: Final = Path(__file__).resolve().parents[1]
REGISTERS: Final = (
    ROOT / "tests" / "teeth.toml",
    *sorted((ROOT / "tests" / "teeth").glob("*.toml")),
)
RESULT: Final = ROOT / "build" / "teeth.json"
_RED, _GREEN = 1, 0
_CORES: Final = len(os.sched_getaffinity(0))
_FAILED: Final = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


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
    """What became of one mutant: bitten, survived, red before, or broken."""

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


def run(folder: Path, tests: Sequence[str], *more: str) -> int:
    """Run tests in a copy, on the test cluster of this tree, and return pytest's code."""
    told = {
        "TEST_DATA_DIR": str(data_dir()),
        "GUIFAN_SHARED": os.environ.get("GUIFAN_SHARED", str(ROOT.parent / "shared")),
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *more, *tests]
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
        code = run(folder, mutant.ids, "-x")
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


def red_before(folder: Path, chosen: Sequence[Mutant]) -> set[str]:
    """Run the tests of all mutants in a whole copy and return the ids of those that fail.

    Raises RuntimeError when pytest itself could not run them.
    """
    tests = sorted({test for one in chosen for test in one.ids})
    code = run(folder, tests, "-n", str(_CORES), "--dist", "worksteal", "-rfE")
    log = (folder / "teeth.log").read_text()
    if code not in {_GREEN, _RED}:
        raise RuntimeError(f"pytest {code} without a mutant:\n{log[-2000:]}")
    return set(_FAILED.findall(log))


def bitten(folders: Sequence[Path], chosen: Sequence[Mutant]) -> Iterator[Outcome]:
    """Yield the outcome of every mutant, as many at a time as there are copies."""
    red = red_before(folders[0], chosen)
    for test in sorted(red):
        print(f"red without a mutant: {test}", flush=True)
    free: Queue[Path] = Queue()
    for folder in folders:
        free.put(folder)

    def one(mutant: Mutant) -> Outcome:
        if any(test.startswith(tuple(mutant.ids)) for test in red):
            return Outcome(
                promise=mutant.promise, name=mutant.name, verdict="red before", seconds=0
            )
        folder = free.get()
        try:
            return bite(folder, mutant)
        finally:
            free.put(folder)

    with ThreadPoolExecutor(len(folders)) as crew:
        yield from crew.map(one, chosen)


def main(promises: Sequence[str]) -> int:
    """Bite every mutant, print a table, and return 0 when all were noticed."""
    chosen = mutants(promises)
    if not chosen:
        print(f"no mutant of {' '.join(promises)}")
        return 2
    for mutant in chosen:
        mutant.applied((ROOT / mutant.file).read_text())
    outcomes: list[Outcome] = []
    with ExitStack() as stack:
        folders = [
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guifan-teeth-")))
            for _copy in range(min(_CORES, len(chosen)))
        ]
        for folder in folders:
            copied(folder)
        for last in bitten(folders, chosen):
            outcomes.append(last)
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
