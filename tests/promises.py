"""What the product promises, and the tests that prove it: the register both tables are made from.

A promise without tests is one we do not keep yet; it is printed as such, by every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from xml.etree import ElementTree


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise in a few words, the files that prove it, and what they leave open."""

    words: str
    tests: tuple[str, ...] = ()
    open: str = ""


_RACES = ("tests/inventory/test_races.py", "tests/customers/test_races.py")
PROMISES: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "R1": Promise(
            "nothing is sold twice",
            (
                "tests/faults/test_oversell.py",
                "tests/faults/test_kills.py",
                *_RACES,
                "tests/catalog/test_promotion_races.py",
            ),
        ),
        "R2": Promise(
            "an answered write survives kill -9",
            ("tests/faults/test_kills.py",),
            open="orders alone; some twenty kills, not a night's three hundred",
        ),
        "R3": Promise("a task's effect survives its worker", ("tests/faults/test_network.py",)),
        "R4": Promise("delivered twice, one effect", ("tests/journeys/test_redelivery.py",)),
        "R5": Promise(
            "one effect and one answer per key",
            ("tests/engines/http/test_idempotency.py", "tests/faults/test_network.py"),
        ),
        "R6": Promise(
            "the broker may go away",
            ("tests/faults/test_broker.py",),
            open="medians of writes, not the 95th percentile",
        ),
        "R7": Promise("one run per period", ("tests/engines/jobs/test_once_per_period.py",)),
        "R8": Promise(
            "ledgers balance after every step",
            (
                "tests/machine/test_ledgers.py",
                "tests/inventory/test_machine.py",
                "tests/customers/test_promotion_machine.py",
            ),
            open="there are no points yet",
        ),
        "R9": Promise(
            "posted rows stay", ("tests/ops/test_ledgers.py", "tests/inventory/test_constraints.py")
        ),
        "R10": Promise("a full disk loses nothing"),
        "R11": Promise(
            "network faults have no effect",
            ("tests/faults/test_network.py", "tests/engines/http/test_away.py"),
        ),
        "R12": Promise(
            "clocks that jump",
            (
                "tests/engines/clocks/test_services.py",
                "tests/engines/jobs/test_once_per_period.py",
            ),
            open="time limits and jobs; not each process under another clock",
        ),
        "R13": Promise("the restore drill"),
        "R14": Promise(
            "silent corruption is found",
            ("tests/engines/audit/test_bundles.py",),
            open="sealed facts; no flipped bytes in heap, index or files",
        ),
        "R15": Promise("a migration killed anywhere runs again"),
        "R16": Promise("a file counts once or not at all", ("tests/faults/test_imports.py",)),
        "R17": Promise("nobody starves the others"),
        "R18": Promise("hours of load and faults"),
        "S1": Promise("tampering is found offline", ("tests/faults/test_tampering.py",)),
        "S2": Promise(
            "nobody approves their own request",
            (
                "tests/engines/approvals/test_four_eyes.py",
                "tests/engines/approvals/test_constraints.py",
                "tests/engines/approvals/test_signatures.py",
            ),
        ),
        "S3": Promise("roles have exactly their rights", ("tests/ops/test_grants.py",)),
        "S4": Promise(
            "foreign objects do not show",
            (
                "tests/permissions/test_matrix.py",
                "tests/permissions/test_scopes.py",
                "tests/permissions/test_worlds.py",
                "tests/permissions/test_foreign.py",
            ),
            open="a default run samples positions and questions; time by the number of statements",
        ),
        "S5": Promise(
            "fields show by class",
            ("tests/permissions/test_crawl.py", "tests/permissions/test_given_files.py"),
            open="identity numbers have no field; planted in addresses, where people type them",
        ),
        "S6": Promise("no field but those offered", ("tests/badinput/test_mass_assignment.py",)),
        "S7": Promise(
            "exports are inert",
            (
                "tests/engines/tables/test_writer.py",
                "tests/badinput/test_exports.py",
                "tests/ops/test_report_files.py",
            ),
            open="LibreOffice looks as well where it is (tests/engines/tables/test_office.py)",
        ),
        "S8": Promise(
            "a stolen dump names nobody",
            (
                "tests/faults/test_stolen.py",
                "tests/customers/test_key_rotation.py",
                "tests/customers/test_people.py",
            ),
            open="no crash dump",
        ),
        "S9": Promise("erasure erases"),
        "S10": Promise(
            "sign-in is throttled",
            (
                "tests/engines/identity/test_sign_in.py",
                "tests/engines/identity/test_second_factor.py",
                "tests/engines/http/test_uniform.py",
                "tests/faults/test_door.py",
            ),
        ),
        "S11": Promise(
            "a second factor on every door",
            (
                "tests/engines/http/test_factor.py",
                "tests/engines/http/test_doors.py",
                "tests/engines/identity/test_second_factor.py",
                "tests/engines/identity/test_passkeys.py",
                "tests/engines/approvals/test_step_up.py",
            ),
        ),
        "S12": Promise(
            "sessions end",
            (
                "tests/engines/http/test_sessions.py",
                "tests/engines/http/test_screens.py",
                "tests/engines/http/test_devices.py",
                "tests/engines/reports/test_entitled.py",
            ),
            open="keys of programs, and a machine that was restarted, go by the wall clock",
        ),
        "S13": Promise(
            "step-up, once, bound",
            (
                "tests/engines/approvals/test_step_up.py",
                "tests/engines/approvals/test_signatures.py",
                "tests/finance/test_reopening.py",
                "tests/engines/identity/test_given_by_proof.py",
            ),
            open="no bank data is kept and no personal data exported yet; machines need no proof",
        ),
        "S14": Promise(
            "headers on every page",
            (
                "tests/permissions/test_crawl.py",
                "tests/engines/http/test_screens.py",
                "tests/screens/test_policies.py",
            ),
            open="under /admin/ the theme keeps unsafe-eval and style attributes (ADR 30)",
        ),
        "S15": Promise("stored scripts are inert"),
        "S16": Promise(
            "no text becomes code",
            (
                "tests/architecture/test_injection.py",
                "tests/permissions/test_crawl.py",
                "tests/engines/documents/test_inert.py",
                "tests/engines/reports/test_inert.py",
                "tests/engines/notices/test_inert.py",
                "tests/badinput/test_papers.py",
            ),
        ),
        "S17": Promise(
            "nothing asks other hosts",
            (
                "tests/architecture/test_outbound.py",
                "tests/badinput/test_outbound.py",
                "tests/badinput/test_forms.py",
                "tests/permissions/test_crawl.py",
                "tests/permissions/test_typed.py",
            ),
        ),
        "S18": Promise(
            "any upload is judged",
            (
                "tests/engines/tables/test_workbooks.py",
                "tests/engines/tables/test_text_files.py",
                "tests/engines/files/test_judging.py",
            ),
            open="tables in a child; pictures and papers by their parts, no pixel decoded",
        ),
        "S19": Promise("everything has a limit", ("tests/badinput/test_limits.py",)),
        "S20": Promise("an unsafe start is refused", ("tests/ops/test_safety.py",)),
        "S21": Promise("hash-locked packages", open="locks in make check; no advisory snapshot"),
        "S22": Promise(
            "logs are whole and clean",
            (
                "tests/engines/audit/test_watch.py",
                "tests/engines/kernel/test_logs.py",
                "tests/permissions/test_trail.py",
            ),
            open="the host keeps logs of processes",
        ),
        "S23": Promise(
            "privacy by the calendar",
            ("tests/engines/clocks/test_calendar.py", "tests/engines/clocks/test_rules.py"),
            open="the calendar's limits; no walk over four years",
        ),
        "S24": Promise(
            "three administrators apart", ("tests/engines/identity/test_separation.py",)
        ),
        "S25": Promise("personal data leaves traced"),
        "S26": Promise(
            "invented requests meet no bug",
            ("tests/badinput/test_document.py", "tests/permissions/test_sequences.py"),
            open="walks in a default run, invented bodies in make faults; the API deletes nothing",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many tests of a promise ran, and how they ended."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    is_whole: bool = False

    @property
    def word(self) -> str:
        """Return kept, BROKEN, partly (some files, or tests skipped), or not run."""
        if self.failed:
            return "BROKEN"
        if not self.passed:
            return "not run"
        return "kept" if self.is_whole and not self.skipped else "partly"


def files() -> list[str]:
    """Return every file that proves a promise, once."""
    return sorted({test for promise in PROMISES.values() for test in promise.tests})


def verdicts(report: ElementTree.Element) -> dict[str, Verdict]:
    """Return the verdict of every promise by a JUnit report of pytest."""
    counts: dict[str, list[int]] = {}
    for case in report.iter("testcase"):
        kept = counts.setdefault(_file_of(case.get("classname", "")), [0, 0, 0])
        kinds = {child.tag for child in case}
        kept[1 if kinds & {"failure", "error"} else 2 if "skipped" in kinds else 0] += 1
    return {
        name: Verdict(
            passed=sum(row[0] for row in rows),
            failed=sum(row[1] for row in rows),
            skipped=sum(row[2] for row in rows),
            is_whole=len(rows) == len(promise.tests),
        )
        for name, promise in PROMISES.items()
        for rows in [[counts[test] for test in promise.tests if test in counts]]
    }


def lines(found: Mapping[str, Verdict]) -> Iterator[str]:
    """Yield the table of all promises, with what was not run and what is not proven."""
    for name, promise in PROMISES.items():
        verdict = found.get(name, Verdict())
        word = verdict.word if promise.tests else "no test"
        ran = f"{verdict.passed + verdict.failed:>5}" if promise.tests else "    -"
        rest = f"  (open: {promise.open})" if promise.open else ""
        yield f"{name:<4} {word:<8} {ran}  {promise.words}{rest}"


def _file_of(classname: str) -> str:
    parts = classname.split(".")
    while parts and not parts[-1].startswith("test_"):
        parts.pop()
    return "/".join(parts) + ".py"
