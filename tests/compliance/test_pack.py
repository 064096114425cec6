"""The audit pack: one month, three formats, a manifest that proves it; for auditors alone."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator

import pytest
from django.utils import timezone, translation
from openpyxl import load_workbook
from pypdf import PdfReader

from compliance.services import standing
from ops.engines.audit.models import Fact
from ops.engines.identity.models import User
from ops.engines.jobs import services as jobs
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.notices.models import Notice
from ops.engines.reports import nudging, services
from ops.engines.reports.models import ReportRun
from ops.engines.reports.types import ReportFile
from tests.compliance.conftest import AT, enter
from tests.engines.http.conftest import with_token

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
PACK = "/reports/audit_pack/"


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Speak Chinese and send no wake-up to a broker."""
    monkeypatch.setattr(nudging, "ask", lambda _run_id: None)
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def packed(auditor: Actor) -> ReportFile:
    """The pack of a month in which something was done."""
    standing.scan(actor=SYSTEM, at=AT)
    return services.build(name="audit_pack", period="2026-11", fmt="zip", actor=auditor, at=AT)


@pytest.mark.clause("FIN-7.3-06")
def test_every_file_is_in_the_manifest_with_its_hash(packed: ReportFile) -> None:
    with zipfile.ZipFile(packed.path) as archive:
        told = json.loads(archive.read("manifest.json"))
        files = {entry["file"]: entry for entry in told["files"]}
        assert {*files, "manifest.json"} == set(archive.namelist())
        for name, entry in files.items():
            assert hashlib.sha256(archive.read(name)).hexdigest() == entry["sha256"]
    assert {
        f"{part}.{fmt}"
        for part in ("audit_facts", "approvals_decided", "stock_in_out_onhand")
        for fmt in ("xlsx", "csv", "pdf")
    } <= set(files)
    assert (told["pack"], told["period"]) == ("audit_pack", "2026-11")


@pytest.mark.clause("FIN-7.3-06")
def test_the_files_open_and_say_the_same_in_chinese(packed: ReportFile) -> None:
    with zipfile.ZipFile(packed.path) as archive:
        book = load_workbook(io.BytesIO(archive.read("audit_facts.xlsx")), read_only=True)
        rows = list(book.worksheets[0].iter_rows(values_only=True))
        csv = archive.read("audit_facts.csv").decode("utf-8-sig")
        pdf = PdfReader(io.BytesIO(archive.read("audit_facts.pdf")))
        text = "".join(page.extract_text() for page in pdf.pages)
        contents = archive.read("contents.txt").decode()

    assert "compliance.evidence_scanned" in {row[0] for row in rows}
    assert "compliance.evidence_scanned" in csv
    assert "首次" in csv.splitlines()[0]
    assert "审计" in text
    assert "未关账" in contents


def test_what_is_not_kept_is_named_as_absent(packed: ReportFile) -> None:
    with zipfile.ZipFile(packed.path) as archive:
        names = {name.rpartition(".")[0] for name in archive.namelist()}
        contents = archive.read("contents.txt").decode()

    for part in ("journal", "trial_balance", "price_changes", "payment_reconciliation"):
        assert part in contents
        assert part in names or f"{part}：" in contents


@pytest.mark.clause("FIN-7.3-06")
def test_making_and_taking_the_pack_are_audit_facts(packed: ReportFile, auditor: Actor) -> None:
    services.download(run_id=packed.run_id, actor=auditor, at=AT)

    left = Fact.objects.filter(object_type="reports.reportrun", object_id=str(packed.run_id))
    assert list(left.order_by("id").values_list("action", "person_id")) == [
        ("reports.run_asked", auditor.person_id),
        ("reports.sealed", auditor.person_id),
        ("reports.downloaded", auditor.person_id),
    ]


@pytest.mark.clause("FIN-7.3-06")
def test_only_an_auditor_may_have_it(
    packed: ReportFile, manager: Actor, officer: Actor, manager_user: User, auditor_user: User
) -> None:
    before = ReportRun.objects.count()
    for other in (manager, officer):
        with pytest.raises(Forbidden):
            services.build(name="audit_pack", period="2026-11", fmt="zip", actor=other, at=AT)
        with pytest.raises(Forbidden):
            services.download(run_id=packed.run_id, actor=other, at=AT)
    screen, auditing = enter(manager_user), enter(auditor_user)
    api = with_token(manager_user)
    asked = {"period": "2026-11", "format": "zip"}

    assert screen.post(PACK, asked).status_code == 403
    assert screen.get(f"/reports/runs/{packed.run_id}/file/").status_code == 403
    assert api.post("/api/v1/reports/audit_pack/runs/", asked).status_code == 403
    assert ReportRun.objects.count() == before
    assert auditing.get(PACK).status_code == 200


@pytest.mark.clause("FIN-7.3-06")
def test_the_job_makes_the_pack_of_the_month_and_tells_the_auditor(auditor: Actor) -> None:
    done = jobs.run_now(name="audit_pack_build", period="2026-10", actor=SYSTEM, at=timezone.now())

    assert done.state == "done", done.error
    run = ReportRun.objects.get(pk=done.result["run"])
    assert (run.name, run.period, run.state) == ("audit_pack", "2026-10", "done")
    assert Notice.objects.filter(person_id=auditor.person_id or 0).count() == 1
