"""Print how every clause of the register stands: tests, controls, evidence, state."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connection
from django.utils import timezone

from compliance import register
from compliance.choices import ClauseState, Outcome
from compliance.selectors import judging
from compliance.selectors.proofs import CURRENT, FILE, proofs
from compliance.types import Judgement


class Command(BaseCommand):
    """Say of each clause: enforced, evidenced, attested or missing, and why.

    Enforced needs a declared control that refuses, runs or asks, and tests that passed at the
    version checked out; a run of another version counts as not run.
    """

    help = "Print per clause the state, its tests, its controls and the newest evidence."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the output form and what to narrow by."""
        parser.add_argument("--json", action="store_true", help="print one object")
        parser.add_argument("--state", choices=ClauseState.values, help="only this state")
        parser.add_argument("--clause", action="append", help="only this clause; may be repeated")

    def handle(self, *args: Any, **options: Any) -> None:
        """Judge now and print."""
        answers = _database_answers()
        judged = judging.judge(at=timezone.now(), codes=options["clause"], with_evidence=answers)
        if options["state"]:
            judged = [each for each in judged if each.state == options["state"]]
        told = _told(judged, database="ok" if answers else "not reached: evidence unknown")
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            self._print(told)

    def _print(self, told: dict[str, Any]) -> None:
        for each in told["clauses"]:
            tests = Counter(run["outcome"] for run in each["tests"])
            ran = " ".join(f"{count} {outcome}" for outcome, count in sorted(tests.items()))
            how = ", ".join(f"{control['kind']} {control['name']}" for control in each["controls"])
            self.stdout.write(
                f"{each['id']:<11} {each['state']:<9} {each['title_zh']}"
                f" | tests: {ran or 'none'} | control: {how or 'none'}"
                f" | evidence: {each['newest_evidence'] or 'none'}"
                f"{' STALE' if each['is_stale'] else ''}"
            )
        counts = ", ".join(f"{count} {state}" for state, count in told["counts"].items())
        self.stdout.write(f"{sum(told['counts'].values())} clauses: {counts}")
        self.stdout.write(f"test run: {told['tests']['standing']} ({told['tests']['file']})")
        self.stdout.write(f"database: {told['database']}")


def _database_answers() -> bool:
    """Say whether there is a migrated database to ask for evidence."""
    try:
        return "compliance_attestation" in connection.introspection.table_names()
    except DatabaseError:
        return False


def _told(judged: list[Judgement], *, database: str) -> dict[str, Any]:
    texts = {clause["id"]: clause for clause in register.read().clauses}
    run = proofs()
    counts = Counter(str(each.state) for each in judged)
    return {
        "commit": run.commit,
        "tests": {
            "file": FILE.as_posix(),
            "standing": run.standing,
            "ran": run.standing == CURRENT,
        },
        "database": database,
        "counts": {state: counts.get(state, 0) for state in ClauseState.values},
        "clauses": [_one(each, texts[each.code]) for each in judged],
    }


def _one(each: Judgement, text: Any) -> dict[str, Any]:
    return {
        "id": each.code,
        "title_zh": text["title_zh"],
        "title_en": text["title_en"],
        "app": text["app"],
        "kind": text["kind"],
        "priority": text["priority"],
        "state": str(each.state),
        "tests": [{"test": run.test, "outcome": run.outcome} for run in each.tests],
        "tests_passed": each.count(Outcome.PASSED),
        "controls": [
            {
                "kind": str(control.kind),
                "name": control.name,
                "newest_evidence": control.newest.isoformat() if control.newest else None,
            }
            for control in each.controls
        ],
        "newest_evidence": each.newest.isoformat() if each.newest else None,
        "attested_until": each.attested_until.isoformat() if each.attested_until else None,
        "is_stale": each.is_stale,
    }
