"""A clause is only as good as its proof: what is claimed follows from tests, controls, evidence."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from compliance import register, rules
from compliance.choices import ClauseState
from compliance.errors import AttestationWrong
from compliance.models import Attestation, ClauseStanding
from compliance.selectors import judging, proofs
from compliance.services import attesting, standing
from compliance.types import ControlEvidence, ProofRun, Proofs
from ops.engines.controls import Control, declaring
from ops.engines.controls.models import ControlResult
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.notices.models import Notice
from tests.compliance.conftest import AT

CODE = "SCM-2.3-05"
PAPER = ("opinion.csv", "结论,合规\n".encode())
SYSTEM = Actor.system("tests")
CONSTRAINT = ControlEvidence("constraint", "toy", None)
RECORD = ControlEvidence("record", "toy", AT)
PASSED, FAILED, NOT_RUN = (ProofRun("t", o) for o in ("passed", "failed", "not run"))


@pytest.mark.parametrize(
    ("controls", "tests", "newest", "is_attested", "state"),
    [
        ([CONSTRAINT], [PASSED], None, False, "enforced"),
        ([CONSTRAINT], [PASSED, PASSED], AT, False, "enforced"),
        ([CONSTRAINT], [PASSED, FAILED], None, False, "missing"),
        ([CONSTRAINT], [NOT_RUN], None, False, "missing"),
        ([CONSTRAINT], [NOT_RUN], AT, False, "evidenced"),
        ([CONSTRAINT], [], AT, False, "evidenced"),
        ([RECORD], [PASSED], AT, False, "evidenced"),
        ([RECORD], [PASSED], None, False, "missing"),
        ([], [PASSED], None, False, "missing"),
        ([], [], None, True, "attested"),
        ([CONSTRAINT], [FAILED], None, True, "attested"),
        ([], [], None, False, "missing"),
    ],
)
def test_state_follows_from_what_is_there(
    *, controls: Any, tests: Any, newest: Any, is_attested: bool, state: str
) -> None:
    found = rules.state_of(controls=controls, tests=tests, newest=newest, is_attested=is_attested)

    assert found == ClauseState(state)


@pytest.mark.parametrize(
    ("cadence", "days"),
    [
        ("daily after day close", 2),
        ("nightly (default)", 2),
        ("continuous; SLA watch every 5 minutes (default)", 2),
        ("weekly (default: Monday)", 8),
        ("continuous; summary monthly", 35),
        ("quarterly (default; rule says regularly)", 100),
        ("half-yearly confirmation (default)", 190),
        ("review every 6 months (default; rule says regularly)", 190),
        ("yearly in January", 380),
        ("annual, quarterly, monthly", 35),
        ("continuous", None),
        ("every receipt", None),
        ("", None),
    ],
)
def test_the_rhythm_of_a_clause_is_read_from_its_words(cadence: str, days: int | None) -> None:
    found = rules.longest_silence(cadence)

    assert found == (None if days is None else dt.timedelta(days=days))


def _repository(root: Path, commit: str, entries: Any) -> Path:
    (root / ".git" / "refs" / "heads").mkdir(parents=True)
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (root / ".git" / "refs" / "heads" / "main").write_text(f"{commit}\n")
    if entries is not None:
        (root / "build").mkdir()
        (root / proofs.FILE).write_text(
            entries if isinstance(entries, str) else json.dumps(entries)
        )
    return root


def _entry(commit: str, outcome: str = "passed") -> dict[str, str]:
    return {"clause": CODE, "test": "tests/x.py::t", "outcome": outcome, "commit": commit}


def test_a_run_of_this_commit_counts(tmp_path: Path) -> None:
    found = proofs.proofs(root=_repository(tmp_path, "a" * 40, [_entry("a" * 40)]))

    assert found.standing == proofs.CURRENT
    assert found.by_clause[CODE] == (ProofRun("tests/x.py::t", "passed"),)


def test_a_run_of_another_commit_counts_as_not_run(tmp_path: Path) -> None:
    found = proofs.proofs(root=_repository(tmp_path, "a" * 40, [_entry("b" * 40)]))

    assert found.standing == proofs.OTHER
    assert found.by_clause[CODE] == (ProofRun("tests/x.py::t", "not run"),)


@pytest.mark.parametrize("content", [None, "not json", "{}", "[1]", "[]"])
def test_no_readable_run_is_no_run(tmp_path: Path, content: Any) -> None:
    found = proofs.proofs(root=_repository(tmp_path, "a" * 40, content))

    assert (found.standing, dict(found.by_clause)) == (proofs.ABSENT, {})


def test_packed_references_and_linked_work_trees_are_read(tmp_path: Path) -> None:
    home = _repository(tmp_path / "home", "c" * 40, None)
    (home / ".git" / "refs" / "heads" / "main").unlink()
    (home / ".git" / "packed-refs").write_text(f"# x\n{'d' * 40} refs/heads/main\n")
    linked = home / ".git" / "worktrees" / "two"
    linked.mkdir(parents=True)
    (linked / "HEAD").write_text("ref: refs/heads/main\n")
    (linked / "commondir").write_text("../..\n")
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / ".git").write_text(f"gitdir: {linked}\n")

    assert proofs.commit_of(home) == "d" * 40
    assert proofs.commit_of(tmp_path / "two") == "d" * 40
    assert proofs.commit_of(tmp_path) == ""


@pytest.mark.django_db
@pytest.mark.clause("GEN-1.1-03")
def test_every_clause_is_mapped_to_what_implements_it() -> None:
    judged = {each.code: each for each in judging.judge(at=AT)}

    assert list(judged) == [clause["id"] for clause in register.read().clauses]
    names = {(c.kind, c.name) for c in judged["GEN-1.1-03"].controls}
    assert {("job", "clause_evidence_scan"), ("report", "clause_coverage")} <= names
    assert ("constraint", "decision_by_another_person") in {
        (c.kind, c.name) for c in judged["FIN-7.3-07"].controls
    }


@pytest.mark.django_db
def test_shared_evidence_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def evidence() -> dt.datetime:
        asked.append(1)
        return AT

    for code in ("GEN-1.1-01", CODE):
        made = Control(code, declaring.ControlKind.RECORD, "toy", evidence)
        monkeypatch.setitem(declaring._controls, (code, made.kind, "toy"), made)

    judged = {each.code: each for each in judging.judge(at=AT)}

    assert asked == [1]
    assert judged["GEN-1.1-01"].state == ClauseState.EVIDENCED


@pytest.mark.django_db
@pytest.mark.clause("GEN-1.1-03")
def test_old_evidence_shows_red_and_tells_compliance_once(
    monkeypatch: pytest.MonkeyPatch, officer: Actor
) -> None:
    old = AT - dt.timedelta(days=101)
    made = Control(CODE, declaring.ControlKind.RECORD, "toy", lambda: old)
    monkeypatch.setitem(declaring._controls, (CODE, made.kind, "toy"), made)
    kept = ClauseStanding.objects.filter(clause__code=CODE)

    first = standing.scan(actor=SYSTEM, at=AT)
    again = standing.scan(actor=SYSTEM, at=AT)

    assert CODE in first.newly_stale
    assert again.newly_stale == ()
    assert kept.values_list("is_stale", "newest_at").get() == (True, old)
    assert ClauseStanding.objects.count() == 322
    assert Notice.objects.filter(person_id=officer.person_id or 0).count() == 1


@pytest.mark.django_db
def test_a_person_may_vouch_for_a_clause_for_at_most_a_year(officer: Actor) -> None:
    until = dt.date(2027, 6, 30)

    attesting.attest(
        code="ANX-8.2-03",
        statement="法务书面解释，每季复核",
        valid_until=until,
        evidence=PAPER,
        actor=officer,
        at=AT,
    )

    (judged,) = judging.judge(at=AT, codes=["ANX-8.2-03"])
    assert (judged.state, judged.attested_until) == (ClauseState.ATTESTED, until)
    (later,) = judging.judge(at=AT + dt.timedelta(days=400), codes=["ANX-8.2-03"])
    assert later.state == ClauseState.MISSING


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "until"),
    [(" ", dt.date(2027, 1, 1)), ("x", dt.date(2026, 11, 1)), ("x", dt.date(2028, 1, 1))],
)
def test_an_empty_or_endless_attestation_is_refused(
    officer: Actor, statement: str, until: dt.date
) -> None:
    with pytest.raises(AttestationWrong):
        attesting.attest(
            code=CODE, statement=statement, valid_until=until, evidence=PAPER, actor=officer, at=AT
        )

    assert not Attestation.objects.exists()


@pytest.mark.django_db
def test_a_statement_rests_on_a_paper_that_is_kept_with_it(officer: Actor) -> None:
    until = dt.date(2027, 1, 1)
    with pytest.raises(AttestationWrong) as refusal:
        attesting.attest(
            code=CODE, statement="x", valid_until=until, evidence=None, actor=officer, at=AT
        )
    assert refusal.value.code == "compliance.evidence_missing"
    assert not Attestation.objects.exists()

    attesting.attest(
        code=CODE, statement="x", valid_until=until, evidence=PAPER, actor=officer, at=AT
    )

    kept = Attestation.objects.select_related("evidence").get()
    assert kept.evidence is not None
    assert (kept.evidence.object_id, kept.evidence.name) == (CODE, "opinion.csv")


@pytest.mark.django_db
def test_a_scan_keeps_each_piece_of_evidence_once_with_the_days_it_holds(
    monkeypatch: pytest.MonkeyPatch, officer: Actor
) -> None:
    moments = [AT - dt.timedelta(days=101)]
    made = Control(CODE, declaring.ControlKind.RECORD, "toy", lambda: moments[-1])
    monkeypatch.setitem(declaring._controls, (CODE, made.kind, "toy"), made)
    results = ControlResult.objects.filter(clause=CODE, name="toy").order_by("effective_from")

    standing.scan(actor=SYSTEM, at=AT)
    standing.scan(actor=SYSTEM, at=AT)
    moments.append(AT)
    standing.scan(actor=SYSTEM, at=AT + dt.timedelta(hours=1))

    assert [(row.effective_from, row.effective_until) for row in results] == [
        (moment, moment + dt.timedelta(days=100)) for moment in moments
    ]
    task = Notice.objects.get(person_id=officer.person_id or 0, subject=f"compliance.stale:{CODE}")
    assert task.acknowledged_at is not None  # new evidence closed it


@pytest.mark.django_db
def test_a_machine_cannot_vouch() -> None:
    with pytest.raises(Forbidden):
        attesting.attest(
            code=CODE,
            statement="x",
            valid_until=dt.date(2027, 1, 1),
            evidence=PAPER,
            actor=SYSTEM,
            at=AT,
        )


@pytest.mark.django_db
def test_the_command_tells_every_clause_and_claims_nothing_untested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judging, "proofs", lambda: Proofs("x", proofs.ABSENT, {}))
    out = StringIO()

    call_command("clauses", "--json", stdout=out)

    told = json.loads(out.getvalue())
    assert len(told["clauses"]) == 322
    assert sum(told["counts"].values()) == 322
    assert told["counts"]["enforced"] == 0
    assert {"id", "state", "tests", "controls", "newest_evidence"} <= set(told["clauses"][0])


@pytest.mark.django_db
def test_the_command_believes_the_current_run(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Proofs("x", proofs.CURRENT, {"FIN-7.3-07": (PASSED,), "GEN-1.1-03": (PASSED, FAILED)})
    monkeypatch.setattr(judging, "proofs", lambda: run)
    out = StringIO()

    call_command("clauses", "--json", stdout=out)

    states = {each["id"]: each["state"] for each in json.loads(out.getvalue())["clauses"]}
    assert states["FIN-7.3-07"] == "enforced"
    assert states["GEN-1.1-03"] == "missing"
