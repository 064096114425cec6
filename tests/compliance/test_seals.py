"""Seals and bundles at every door: who may, what stands there, and that each leaves a fact."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from psycopg2.extensions import connection as Connection

from compliance.models import AuditBundle
from compliance.services import bundles, watching
from ops.engines.audit import places, sealing
from ops.engines.audit import services as audit
from ops.engines.audit.models import Anchor, Fact
from ops.engines.identity.models import User
from ops.engines.identity.selectors.actors import actor_for
from ops.engines.jobs import services as jobs
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.notices.models import Notice
from ops.engines.reports import services as reports
from tests.compliance.conftest import enter
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import account
from tests.support.cluster import OwnDatabase

SYSTEM = Actor.system("tests")


@pytest.fixture(autouse=True)
def log(own_database: OwnDatabase) -> Iterator[None]:
    """Facts sealed under two anchors, one fact that waits."""
    at = timezone.now() - timedelta(minutes=2)
    for turn in range(2):
        with transaction.atomic():
            audit.record(actor=SYSTEM, at=at, action="tests.done", obj=("tests.thing", turn))
        sealing.seal(at=at + timedelta(seconds=turn))
    with transaction.atomic():
        audit.record(actor=SYSTEM, at=at, action="tests.waits")
    yield
    connection.close()


@pytest.fixture
def auditor() -> User:
    """The auditor's account, in the test's own database."""
    return account("韩雪", "auditor")


@pytest.fixture
def officer() -> User:
    """The compliance officer's account."""
    return account("许宁", "compliance_officer")


@pytest.fixture
def manager() -> User:
    """An account without a right to the trail."""
    return account("王敏", "operations_manager")


@pytest.fixture
def reading(auditor: User) -> Client:
    """The auditor's browser."""
    return enter(auditor)


def today() -> str:
    return business_day(timezone.now()).isoformat()


def made(auditor: User) -> AuditBundle:
    day = business_day(timezone.now())
    actor = actor_for(auditor, at=timezone.now())
    return bundles.make(first=day, last=day, actor=actor, at=timezone.now())


def test_the_desk_shows_how_the_seals_stand(reading: Client) -> None:
    page = reading.get("/").content.decode()

    assert "审计留痕的封存" in page
    assert "尚未验证" in page
    assert "#2" in page


def test_anchors_are_listed_and_opened_with_their_copies(reading: Client, tmp_path: Path) -> None:
    anchor = Anchor.objects.get(id=2)

    page = reading.get("/audit/anchors/").content.decode()
    one = reading.get("/audit/anchors/2/").content.decode()

    assert "#000002" in page
    assert "/audit/anchors/1/" in page
    assert bytes(anchor.root).hex() in one
    assert str(tmp_path / "there") in one
    assert one.count("已复制</span>") == 2  # one a place; the shell has the word too
    assert reading.get("/audit/anchors/9/").status_code == 404


def test_a_fact_says_which_anchor_seals_it(reading: Client) -> None:
    sealed = Fact.objects.get(action="tests.done", object_id="1")
    waits = Fact.objects.get(action="tests.waits")

    assert "/audit/anchors/2/" in reading.get(f"/audit/facts/{sealed.pk}/").content.decode()
    assert "尚未封存" in reading.get(f"/audit/facts/{waits.pk}/").content.decode()


@pytest.mark.parametrize(
    ("path", "role", "code"),
    [
        ("/audit/anchors/", "auditor", 200),
        ("/audit/anchors/", "officer", 200),
        ("/audit/anchors/", "manager", 403),
        ("/audit/bundles/", "auditor", 200),
        ("/audit/bundles/", "officer", 403),
        ("/audit/bundles/make/", "auditor", 200),
        ("/audit/bundles/make/", "officer", 403),
        ("/audit/bundles/check/", "officer", 200),
        ("/audit/bundles/check/", "manager", 403),
        ("/api/v1/audit/facts/", "auditor", 200),
        ("/api/v1/audit/facts/", "manager", 403),
        ("/api/v1/audit/anchors/", "officer", 200),
        ("/api/v1/audit/anchors/", "manager", 403),
        ("/api/v1/audit/bundles/", "auditor", 200),
        ("/api/v1/audit/bundles/", "officer", 403),
    ],
)
def test_only_auditors_and_compliance_come_in(
    request: pytest.FixtureRequest, path: str, role: str, code: int
) -> None:
    user = request.getfixturevalue(role)
    client = with_token(user) if path.startswith("/api/") else enter(user)

    assert client.get(path).status_code == code


def test_a_bundle_is_made_downloaded_and_checked_on_screen(reading: Client) -> None:
    answer = reading.post("/audit/bundles/make/", {"first": today(), "last": today()})

    bundle = AuditBundle.objects.get()
    assert answer["Location"] == f"/audit/bundles/{bundle.pk}/"
    assert bundle.sha256 in reading.get(f"/audit/bundles/{bundle.pk}/").content.decode()
    file = reading.get(f"/audit/bundles/{bundle.pk}/file/")
    data = b"".join(file.streaming_content)  # type: ignore[attr-defined]
    assert hashlib.sha256(data).hexdigest() == bundle.sha256
    told = reading.post(
        "/audit/bundles/check/", {"file": SimpleUploadedFile("bundle.zip", data), "key": ""}
    )
    verdict = reading.get(told["Location"]).content.decode()
    assert "没有发现问题" in verdict
    for page in ("/audit/anchors/1/", f"/audit/bundles/{bundle.pk}/", told["Location"]):
        assert reading.post(page, {"action": "approve"}).status_code == 400
    done = Fact.objects.filter(action__startswith="audit.").order_by("id")
    actions = list(done.values_list("action", flat=True))
    assert actions == ["audit.bundle_made", "audit.bundle_taken", "audit.bundle_checked"]


def test_a_bundle_that_was_changed_is_told_with_its_fact_and_window(
    reading: Client, auditor: User, tmp_path: Path
) -> None:
    data = zipfile.ZipFile(bundles._path(made(auditor).stored_name))
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as archive:
        for name in data.namelist():
            content = data.read(name)
            if name == "facts.jsonl":
                content = content.replace(b"tests.done", b"tests.gone", 1)
            archive.writestr(name, content)
    key = next((tmp_path / "there").glob("*.pub")).read_text()
    outside = (tmp_path / "there" / places.FILE).read_bytes()

    told = reading.post(
        "/audit/bundles/check/",
        {
            "file": SimpleUploadedFile("bundle.zip", changed.getvalue()),
            "anchors": SimpleUploadedFile("anchors.jsonl", outside),
            "key": key,
        },
    )

    verdict = reading.get(told["Location"]).content.decode()
    assert "有事实被改动或移除" in verdict
    assert "fact 1 (place 1) was changed" in verdict
    body = json.loads(Fact.objects.get(action="audit.bundle_checked").body)
    assert (body["findings"], body["own_key"], body["own_anchors"]) == (1, True, True)


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04 neither"])
def test_what_is_no_bundle_is_refused_beside_the_field(reading: Client, data: bytes) -> None:
    told = reading.post(
        "/audit/bundles/check/", {"file": SimpleUploadedFile("bundle.zip", data), "key": ""}
    )

    assert told.status_code in {400, 422}
    assert 'id="file-error"' in told.content.decode()
    assert not Fact.objects.filter(action="audit.bundle_checked").exists()


def test_days_in_the_wrong_order_are_refused_and_leave_nothing(
    reading: Client, tmp_path: Path
) -> None:
    told = reading.post("/audit/bundles/make/", {"first": today(), "last": "2020-01-01"})

    assert told.status_code == 400
    assert not AuditBundle.objects.exists()
    assert not Fact.objects.filter(action="audit.bundle_made").exists()
    assert list((tmp_path / "bundles").iterdir()) == []


def test_a_bundle_whose_file_was_changed_is_not_handed_out(reading: Client, auditor: User) -> None:
    bundle = made(auditor)
    with bundles._path(bundle.stored_name).open("ab") as handle:
        handle.write(b"x")

    assert reading.get(f"/audit/bundles/{bundle.pk}/file/").status_code == 409
    assert not Fact.objects.filter(action="audit.bundle_taken").exists()


@pytest.mark.parametrize("deed", ["UPDATE {} SET facts = 0", "DELETE FROM {}"])
def test_a_bundle_stays_on_record(auditor: User, as_owner: Connection, deed: str) -> None:
    made(auditor)

    with pytest.raises(Exception, match="append-only"), as_owner.cursor() as cursor:
        cursor.execute(deed.format("compliance_auditbundle"))
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditBundle.objects.create(
            first_on="2026-11-02", last_on="2026-11-01", facts=1, first_anchor=1, last_anchor=1,
            strays=0, size=1, sha256="0" * 64, stored_name="x", made_at=timezone.now(),
        )  # fmt: skip
    assert AuditBundle.objects.get().facts > 0


def test_the_api_shows_facts_anchors_and_bundles(auditor: User) -> None:
    api = with_token(auditor)

    facts = api.get("/api/v1/audit/facts/?action=tests.done&page_size=25").json()["results"]
    one = api.get(f"/api/v1/audit/facts/{facts[-1]['id']}/").json()
    anchors = api.get("/api/v1/audit/anchors/").json()["results"]
    answer = api.post("/api/v1/audit/bundles/", {"first_on": today(), "last_on": today()})

    assert [fact["object_id"] for fact in facts] == ["1", "0"]
    assert (one["place"], one["anchor"]) == (0, 1)
    assert [anchor["id"] for anchor in anchors] == [2, 1]
    assert answer.status_code == 201, answer.content
    bundle = answer.json()
    file = api.get(f"/api/v1/audit/bundles/{bundle['id']}/file/")
    assert file["ETag"] == f'"{bundle["sha256"]}"'
    assert api.get(f"/api/v1/audit/bundles/{bundle['id']}/").json() == bundle
    for path in ("facts", "anchors"):
        assert api.post(f"/api/v1/audit/{path}/", {}).status_code == 405
    late = api.post("/api/v1/audit/bundles/", {"first_on": today(), "last_on": "2020-01-01"})
    assert late.status_code == 400
    assert AuditBundle.objects.count() == 1


def test_the_jobs_seal_and_check_and_tell_the_watchers_of_a_difference(
    auditor: User, as_superuser: Connection
) -> None:
    actor = actor_for(auditor, at=timezone.now())
    now = timezone.now()

    run = jobs.run_now(
        name="audit_seal", period=now.strftime("%Y-%m-%dT%H:%M"), actor=actor, at=now
    )
    assert run.result["facts"] >= 1
    assert watching.check_trail(actor=SYSTEM, at=now) == []
    assert not Notice.objects.exists()
    with as_superuser.cursor() as cursor:
        cursor.execute(
            "SET session_replication_role = replica; UPDATE audit_fact SET actor_name = 'x'"
            " WHERE action = 'tests.done'"
        )
    found = watching.check_trail(actor=SYSTEM, at=now)

    assert len(found) >= 2
    assert Notice.objects.filter(subject__startswith="audit.trail:").exists()
    page = enter(auditor).get("/").content.decode()
    assert "处差异" in page


def test_the_monthly_pack_prints_the_newest_anchor(auditor: User) -> None:
    anchor = Anchor.objects.get(id=2)
    month = business_day(timezone.now()).strftime("%Y-%m")

    file = reports.build(
        name="audit_pack",
        period=month,
        fmt="zip",
        actor=actor_for(auditor, at=timezone.now()),
        at=timezone.now(),
    )

    with zipfile.ZipFile(file.path) as archive:
        assert json.loads(archive.read("anchor.jsonl"))["anchor"]["number"] == 2
        assert bytes(anchor.root).hex() in archive.read("contents.txt").decode()
