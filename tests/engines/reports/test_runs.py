"""Runs: who may ask, joining, failure, versions, restatement, delivery."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.notices.models import Notice
from ops.engines.periods import services as books
from ops.engines.reports import declarations, disk, nudging, selectors, services
from ops.engines.reports.choices import RunState, Standing
from ops.engines.reports.errors import (
    FileDamaged,
    FileLost,
    NotReady,
    ReportUnknown,
    RunMissing,
    TooManyRuns,
    WrongQuestion,
)
from ops.engines.reports.models import ReportEdition, ReportRun
from ops.engines.reports.types import ReportFile, ReportQuery, RunInfo
from tests.engines.reports import toy
from tests.engines.reports.conftest import AT, SYSTEM

pytestmark = pytest.mark.django_db
MONTH_END = dt.datetime(2026, 10, 31, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def nudged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect the wake-ups instead of sending them."""
    asked: list[int] = []
    monkeypatch.setattr(nudging, "ask", asked.append)
    return asked


def _build(actor: Actor = SYSTEM, *, at: dt.datetime = AT, fmt: str = "json") -> ReportFile:
    return services.build(name="toy_sales", period="2026-10", fmt=fmt, actor=actor, at=at)


def _start(actor: Actor, *, fmt: str = "json", period: str = "2026-10") -> RunInfo:
    return services.start(name="toy_sales", period=period, fmt=fmt, actor=actor, at=AT)


def _close_october() -> None:
    first, last = dt.date(2026, 10, 1), dt.date(2026, 10, 31)
    books.ensure_month(module="stock", day=first, actor=SYSTEM, at=MONTH_END)
    books.close(module="stock", first=first, last=last, actor=SYSTEM, at=AT)


# --- who may


def test_report_without_the_right_is_refused_and_nothing_is_made(
    outsider: Actor, media: Path
) -> None:
    for ask in (_build, _start):
        with pytest.raises(Forbidden):
            ask(outsider)
    with pytest.raises(Forbidden):
        selectors.page(name="toy_sales", period="2026-10", actor=outsider, at=AT)

    assert ReportRun.objects.count() == 0
    assert list(media.rglob("*.json")) == []


def test_limited_right_needs_a_report_that_narrows(keeper: Actor) -> None:
    for name, fmt in (("toy_generated", "csv"), ("toy_pack", "zip")):
        with pytest.raises(Forbidden) as refused:
            services.build(name=name, period="2026-10", fmt=fmt, actor=keeper, at=AT)
        assert refused.value.code == "reports.whole_company"


def test_query_gets_the_askers_scopes_and_others_cannot_fetch_wider_figures(
    keeper: Actor, auditor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    report = declarations.report_named("toy_sales")
    assert isinstance(report, declarations.Report)

    def note(query: ReportQuery) -> list[tuple[object, ...]]:
        seen.append(query.scopes["warehouse"])
        return []

    object.__setattr__(report, "query", note)

    wide, narrow = _build(auditor), _build(keeper)

    assert seen == [None, frozenset({3})]
    assert (wide.version, narrow.version) == (1, 1)
    assert [r.id for r in selectors.runs(name="toy_sales", actor=keeper)] == [narrow.run_id]
    assert {r.id for r in selectors.runs(name="toy_sales", actor=auditor)} == {
        wide.run_id,
        narrow.run_id,
    }
    with pytest.raises(RunMissing):
        services.download(run_id=wide.run_id, actor=keeper, at=AT)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"name": "nothing"}, ReportUnknown),
        ({"fmt": "zip"}, WrongQuestion),
        ({"fmt": "docx"}, WrongQuestion),
        ({"period": "2026-Q3"}, WrongQuestion),
        ({"period": "2026"}, WrongQuestion),
        ({"params": {"sku": "a", "x": "1"}}, WrongQuestion),
    ],
)
def test_questions_a_report_does_not_answer_are_refused(
    asked: dict[str, object], error: type[Exception]
) -> None:
    usual: dict[str, object] = {"name": "toy_sales", "period": "2026-10", "fmt": "csv"}

    with pytest.raises(error):
        services.build(**(usual | asked), actor=SYSTEM, at=AT)  # type: ignore[arg-type]
    assert ReportRun.objects.count() == 0


def test_declaration_without_policy_does_not_start() -> None:
    with pytest.raises(TypeError, match="policy"):
        declarations.report("toy_open", title="x", columns=toy.COLUMNS, policy=None)(  # type: ignore[arg-type]
            lambda _query: []
        )
    with pytest.raises(ValueError, match="twice"):
        toy.declare()


# --- starting


def test_start_queues_and_a_worker_finishes_with_a_notice(
    auditor: Actor,
    nudged: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = _start(auditor)
    assert (run.state, nudged) == (RunState.QUEUED, [run.id])
    ReportRun.objects.update(requested_user_id=None)

    assert services.perform(run_id=run.id, at=AT) is True
    assert services.perform(run_id=run.id, at=AT) is False

    made = selectors.run(run_id=run.id, actor=auditor)
    assert (made.state, made.rows, made.done, made.version) == (RunState.DONE, 3, 3, 1)
    notice = Notice.objects.get()
    assert notice.person_id == auditor.person_id
    assert notice.params["period"] == "2026-10"


def test_same_question_joins_the_open_run(auditor: Actor) -> None:
    first, again, other = _start(auditor), _start(auditor), _start(auditor, fmt="csv")

    assert first.id == again.id
    assert other.id != first.id


def test_one_person_does_not_fill_the_queue(auditor: Actor) -> None:
    for day in range(1, 21):
        _start(auditor, period=f"2026-10-{day:02}")

    with pytest.raises(TooManyRuns):
        _start(auditor, period="2026-10-21")
    assert ReportRun.objects.count() == 20


def test_runner_finds_what_no_worker_was_woken_for(auditor: Actor) -> None:
    run = _start(auditor)
    soon, later = AT + dt.timedelta(seconds=5), AT + dt.timedelta(seconds=30)

    assert services.waiting(at=soon) == []
    assert services.waiting(at=later) == [run.id]


def test_dead_workers_run_is_taken_over_at_most_three_times(auditor: Actor) -> None:
    run = _start(auditor)
    ReportRun.objects.update(
        state=RunState.RUNNING, attempts=3, lease_until=AT, requested_user_id=None
    )

    assert services.waiting(at=AT) == [run.id]
    services.perform(run_id=run.id, at=AT)

    assert ReportRun.objects.get().error_code == "reports.gave_up"


def test_run_under_a_lease_is_left_alone(auditor: Actor) -> None:
    run = _start(auditor)
    ReportRun.objects.update(state=RunState.RUNNING, lease_until=AT + dt.timedelta(minutes=1))

    assert services.perform(run_id=run.id, at=AT) is False
    with pytest.raises(NotReady):
        _build(auditor)


def test_failing_query_leaves_a_failed_run_and_no_file(media: Path) -> None:
    toy.fill(("A-1", 1.5, None, 1, Decimal(1)))

    with pytest.raises(RuntimeError, match="float"):
        _build()

    run = ReportRun.objects.get()
    assert (run.state, run.error_code) == (RunState.FAILED, "reports.crashed")
    assert not any(path.is_file() for path in media.rglob("*"))
    toy.fill(*toy.usual())
    assert _build().rows == 3


def test_sealing_leaves_one_fact_with_hash_and_digest() -> None:
    file = _build()

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT action, body FROM audit_fact WHERE object_type LIKE 'reports.%%' ORDER BY id"
        )
        [(asked, _question), (action, body)] = cursor.fetchall()
    told = json.loads(body)
    assert (asked, action) == ("reports.run_asked", "reports.sealed")
    assert (told["sha256"], told["digest"], told["rows"]) == (file.sha256, file.digest, 3)


# --- versions


@pytest.mark.clause("SCM-2.3-04")
def test_restatement_after_the_close_keeps_both_versions() -> None:
    cut_off = _build(at=MONTH_END)
    _close_october()
    rows = toy.usual()
    rows[0] = (*rows[0][:3], 1300, Decimal("13000.50"))
    toy.fill(*rows)

    restated = _build(at=AT)

    assert (cut_off.version, cut_off.standing) == (1, Standing.PROVISIONAL)
    assert (restated.version, restated.standing) == (2, Standing.RESTATED)
    assert json.loads(cut_off.path.read_text())[0]["units"] == 1200
    assert json.loads(restated.path.read_text())[0]["units"] == 1300
    new, old = selectors.editions(name="toy_sales", period="2026-10", actor=SYSTEM)
    assert (new.differences, old.differences) == (1, None)


def test_unchanged_figures_after_the_close_are_sealed_not_restated() -> None:
    _build(at=MONTH_END)
    _close_october()

    sealed, again = _build(at=AT), _build(at=AT, fmt="csv")

    assert (sealed.version, sealed.standing) == (2, Standing.SEALED)
    assert (again.version, again.digest) == (2, sealed.digest)


def test_look_into_a_running_month_is_no_restated_version() -> None:
    _build(at=dt.datetime(2026, 10, 12, tzinfo=dt.UTC))
    _close_october()
    toy.fill(*toy.usual()[:1])

    assert _build(at=AT).standing == Standing.SEALED


def test_month_over_but_not_closed_stays_provisional() -> None:
    assert _build(at=AT).standing == Standing.PROVISIONAL


def test_closed_period_asks_again_by_itself() -> None:
    _build(at=MONTH_END, fmt="csv")
    assert services.restate_due(actor=SYSTEM, at=AT) == 0
    _close_october()

    assert services.restate_due(actor=SYSTEM, at=AT) == 1

    run = ReportRun.objects.get(state=RunState.QUEUED)
    assert (run.format, run.period) == ("csv", "2026-10")
    services.perform(run_id=run.pk, at=AT)
    assert services.restate_due(actor=SYSTEM, at=AT) == 0


def test_comparison_names_the_row_and_the_columns_that_changed() -> None:
    _build(at=MONTH_END)
    rows = toy.usual()
    toy.fill((*rows[0][:3], 7, rows[0][4]), rows[1], ("A-9", "新", None, 1, Decimal(1)))
    _build(at=AT)

    found = selectors.compare(name="toy_sales", period="2026-10", before=1, after=2, actor=SYSTEM)

    assert {d.key[0]: (d.before is None, d.after is None, d.columns) for d in found} == {
        "A-1": (False, False, ("units",)),
        "A-3": (False, True, ()),
        "A-9": (True, False, ()),
    }
    assert ReportEdition.objects.get(version=2).differences == 3


def test_closed_month_is_read_from_what_was_kept_never_computed_again() -> None:
    _build(at=MONTH_END)
    live = selectors.page(name="toy_sales", period="2026-10", actor=SYSTEM, at=AT)
    _close_october()
    file = _build(at=AT)
    toy.fill()

    kept = selectors.page(name="toy_sales", period="2026-10", actor=SYSTEM, at=AT, limit=2)

    assert live.edition is None
    assert kept.edition is not None
    assert (kept.edition.digest, kept.as_of) == (file.digest, AT)
    assert (len(kept.tables[0].rows), kept.is_cut) == (2, True)
    assert kept.tables[0].rows[0] == toy.usual()[0]


def test_live_page_shows_every_table_up_to_its_limit() -> None:
    page = selectors.page(name="toy_sections", period="2026-11", actor=SYSTEM, at=AT, limit=1)

    assert [(t.key, len(t.rows)) for t in page.tables] == [("first", 1), ("days", 1), ("empty", 0)]
    assert page.is_cut


# --- delivery


def test_download_checks_the_seal_and_leaves_a_fact(auditor: Actor) -> None:
    file = _build(auditor)

    got = services.download(run_id=file.run_id, actor=auditor, at=AT)

    assert got.sha256 == file.sha256
    with connection.cursor() as cursor:
        cursor.execute("SELECT person_id FROM audit_fact WHERE action = 'reports.downloaded'")
        assert cursor.fetchall() == [(auditor.person_id,)]
    file.path.chmod(0o600)
    file.path.write_bytes(b"[]")
    with pytest.raises(FileDamaged):
        services.download(run_id=file.run_id, actor=auditor, at=AT)
    file.path.unlink()
    with pytest.raises(FileLost):
        services.download(run_id=file.run_id, actor=auditor, at=AT)


def test_altered_figures_are_neither_shown_nor_made_into_files() -> None:
    _build(at=MONTH_END)
    _close_october()
    _build(at=AT)
    edition = ReportEdition.objects.get(version=2)
    kept = disk.path_of(edition.stored_name)
    lines = gzip.decompress(kept.read_bytes()).replace(b"12500.50", b"99999.99")
    kept.write_bytes(gzip.compress(lines))

    with pytest.raises(FileDamaged):
        selectors.page(name="toy_sales", period="2026-10", actor=SYSTEM, at=AT)
    with pytest.raises(FileDamaged):
        _build(at=AT, fmt="csv")
    kept.unlink()
    with pytest.raises(FileLost):
        selectors.page(name="toy_sales", period="2026-10", actor=SYSTEM, at=AT)
    toy.fill(*toy.usual()[:2])
    assert _build(at=AT).standing == Standing.RESTATED
    assert ReportEdition.objects.get(version=3).differences == 3


def test_download_needs_right_and_a_finished_run(auditor: Actor, outsider: Actor) -> None:
    run = _start(auditor)

    with pytest.raises(NotReady):
        services.download(run_id=run.id, actor=auditor, at=AT)
    with pytest.raises(Forbidden):
        services.download(run_id=run.id, actor=outsider, at=AT)
    with pytest.raises(RunMissing):
        services.download(run_id=0, actor=auditor, at=AT)
    with pytest.raises(RunMissing):
        services.download(run_id=run.id, actor=auditor, at=AT, name="toy_generated")


def test_files_lie_under_names_made_here(media: Path) -> None:
    file = _build()

    relative = file.path.relative_to(media / disk.FOLDER)
    assert len(relative.parts) == 2
    assert file.path.stat().st_mode & 0o077 == 0
    assert [p for p in media.rglob("*") if "part" in p.name] == []


# --- centre


def test_centre_shows_mine_first_with_what_was_last_sealed(
    auditor: Actor,
    keeper: Actor,
    outsider: Actor,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    file = _build(auditor)

    with django_assert_num_queries(4):
        rows = {row.name: row for row in selectors.centre(actor=auditor, at=AT)}
    assert set(rows) == {"toy_sales", "toy_generated", "toy_sections", "toy_pack"}
    assert rows["toy_sales"].edition is not None
    assert rows["toy_sales"].edition.digest == file.digest
    assert rows["toy_sales"].run is not None
    assert rows["toy_sales"].run.id == file.run_id

    mine = selectors.centre(actor=keeper, at=AT)
    assert [(row.name, row.is_mine, row.edition) for row in mine] == [("toy_sales", True, None)]
    assert selectors.centre(actor=outsider, at=AT) == []


# --- command


def test_command_prints_path_hash_and_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out"
    call_command(
        "report",
        "toy_sales",
        "--period",
        "2026-10",
        "--format",
        "json",
        "-o",
        str(target),
        "--json",
    )
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] == 3
    assert told["sha256"] == disk.sha256_of(Path(told["path"]))
    assert Path(told["path"]).parent == target

    call_command(
        "report", "toy_sales", "--period=2026-10", "--format=csv", f"-o{target}", "--param=sku=A-1"
    )
    path, sha256, rows = capsys.readouterr().out.split()
    assert (disk.sha256_of(Path(path)), rows) == (sha256, "1")


@pytest.mark.parametrize(
    "words", [["toy_none", "--period", "2026-10"], ["toy_sales", "--period", "2026-13"]]
)
def test_command_refuses_with_exit_code_one(words: list[str], tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("report", *words, "-o", str(tmp_path))

    assert refused.value.returncode == 1
