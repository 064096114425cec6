"""Packs: one archive, one manifest, every hash checks."""

from __future__ import annotations

import hashlib
import json
import zipfile

import pytest

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.reports import selectors, services
from ops.engines.reports.declarations import Member, member_of
from ops.engines.reports.errors import WrongQuestion
from ops.engines.reports.models import ReportRun
from ops.engines.reports.services.archives import _info
from tests.engines.reports.conftest import AT, SYSTEM

pytestmark = pytest.mark.django_db


def test_manifest_names_every_file_with_its_hash(auditor: Actor) -> None:
    file = services.build(name="toy_pack", period="2026-10", fmt="zip", actor=auditor, at=AT)

    with zipfile.ZipFile(file.path) as archive:
        assert archive.testzip() is None
        manifest = archive.read("manifest.json")
        told = json.loads(manifest)
        names = [entry["file"] for entry in told["files"]]
        assert {*names, "manifest.json"} == set(archive.namelist())
        for entry in told["files"]:
            data = archive.read(entry["file"])
            assert hashlib.sha256(data).hexdigest() == entry["sha256"]
            assert len(data) == entry["size"]
        assert archive.read("note.txt").decode() == "期间 2026-10"
    assert names == ["sales.xlsx", "sales.csv", "sales.pdf", "sales.json", "big.csv", "note.txt"]
    assert hashlib.sha256(manifest).hexdigest() == file.digest
    assert (told["pack"], told["period"], told["cut_off_at"]) == (
        "toy_pack",
        "2026-10",
        AT.isoformat(),
    )
    assert [entry["rows"] for entry in told["files"]] == [3, 3, 3, 3, 7, None]
    assert {entry.get("version") for entry in told["files"]} == {1, None}


def test_pack_shows_the_whole_company_and_needs_its_own_right(
    auditor: Actor, outsider: Actor
) -> None:
    made = services.build(name="toy_pack", period="2026-10", fmt="zip", actor=auditor, at=AT)

    with pytest.raises(Forbidden):
        services.build(name="toy_pack", period="2026-10", fmt="zip", actor=outsider, at=AT)
    with pytest.raises(Forbidden):
        services.download(run_id=made.run_id, actor=outsider, at=AT)
    assert ReportRun.objects.count() == 1


def test_same_cut_off_gives_the_same_archive(auditor: Actor) -> None:
    one, two = (
        services.build(name="toy_pack", period="2026-10", fmt="zip", actor=auditor, at=AT)
        for _again in range(2)
    )

    assert one.sha256 == two.sha256


def test_pack_has_no_table_of_its_own() -> None:
    with pytest.raises(WrongQuestion):
        selectors.page(name="toy_pack", period="2026-10", actor=SYSTEM, at=AT)
    with pytest.raises(WrongQuestion):
        services.build(name="toy_pack", period="2026-10", fmt="xlsx", actor=SYSTEM, at=AT)


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a", "a\\b", "x/../../y"])
def test_names_inside_an_archive_stay_inside(name: str) -> None:
    with pytest.raises(ValueError, match="archive"):
        _info(name, AT)


def test_member_may_be_written_as_a_tuple() -> None:
    assert member_of(("a", "toy_sales", {"sku": "1"}, ["csv"])) == Member(
        file="a", report="toy_sales", params={"sku": "1"}, formats=("csv",)
    )
