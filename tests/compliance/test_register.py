"""The register in the product is the register it was given, and stays whole."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from compliance import register
from compliance.errors import RegisterShrunk
from compliance.models import Clause, ClauseSource, RegisterEdition, RegisterItem
from compliance.services import register as seeding
from ops.engines.kernel.actor import Actor
from tests.compliance.conftest import AT
from tests.support.shared import shared_file

SYSTEM = Actor.system("tests")
_INSERT_ITEM = """
INSERT INTO compliance_registeritem (kind, key, position, body) VALUES ('other', 'x', 1, '{}')
"""
_CLAIM = """
INSERT INTO compliance_clausestanding
       (clause_id, state, is_stale, controls, passed, failed, not_run, scanned_at)
SELECT id, 'enforced', false, 1, {passed}, {failed}, 0, now() FROM compliance_clause LIMIT 1
"""


def test_copy_equals_the_specification_byte_for_byte() -> None:
    assert register.FILE.read_bytes() == shared_file("clauses.yaml", folder="spec").read_bytes()


@pytest.mark.django_db
def test_migrating_loads_every_clause_source_and_list() -> None:
    loaded = yaml.safe_load(register.FILE.read_text(encoding="utf-8"))

    assert Clause.objects.count() == len(loaded["clauses"]) == 322
    assert ClauseSource.objects.count() == sum(len(c["source"]) for c in loaded["clauses"])
    held = dict.fromkeys(("job", "approval", "report", "role", "document"), 0)
    for kind in RegisterItem.objects.values_list("kind", flat=True):
        held[kind] += 1
    assert held == {"job": 85, "approval": 55, "report": 53, "role": 25, "document": 15}
    count = Clause.objects.get(code="SCM-2.3-05")
    assert (count.title_zh, count.chapter, count.section) == ("季度盘点", "SCM", "SCM-2.3")
    assert list(Clause.objects.values_list("code", flat=True)) == [
        clause["id"] for clause in loaded["clauses"]
    ]


@pytest.mark.django_db
def test_seeding_the_same_content_again_changes_nothing() -> None:
    seeding.seed(actor=SYSTEM, at=AT)
    editions = RegisterEdition.objects.count()

    done = seeding.seed(actor=SYSTEM, at=AT)

    assert not done.is_new
    assert RegisterEdition.objects.count() == editions


@pytest.mark.django_db
def test_a_changed_register_is_loaded_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    changed = tmp_path / "clauses.yaml"
    changed.write_text(
        register.FILE.read_text(encoding="utf-8").replace("季度盘点", "每季盘点"), encoding="utf-8"
    )
    monkeypatch.setattr(register, "FILE", changed)
    register.read.cache_clear()
    try:
        first, second = (seeding.seed(actor=SYSTEM, at=AT) for _again in range(2))
    finally:
        register.read.cache_clear()

    assert (first.is_new, second.is_new) == (True, False)
    assert Clause.objects.get(code="SCM-2.3-05").title_zh == "每季盘点"
    assert Clause.objects.count() == 322


@pytest.mark.django_db
def test_a_register_that_lost_a_clause_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    loaded = yaml.safe_load(register.FILE.read_text(encoding="utf-8"))
    loaded["clauses"] = loaded["clauses"][1:]
    shrunk = tmp_path / "clauses.yaml"
    shrunk.write_text(yaml.safe_dump(loaded, allow_unicode=True), encoding="utf-8")
    monkeypatch.setattr(register, "FILE", shrunk)
    register.read.cache_clear()
    try:
        with pytest.raises(RegisterShrunk, match=r"GEN-1\.1-01"):
            seeding.seed(actor=SYSTEM, at=AT)
    finally:
        register.read.cache_clear()

    assert Clause.objects.count() == 322


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM compliance_clause WHERE code = 'GEN-1.1-01'",
        "UPDATE compliance_clause SET code = 'nonsense' WHERE code = 'GEN-1.1-01'",
        "UPDATE compliance_clause SET priority = 9 WHERE code = 'GEN-1.1-01'",
        _INSERT_ITEM,
        _CLAIM.format(passed=0, failed=0),
        _CLAIM.format(passed=5, failed=1),
    ],
)
def test_the_database_refuses_what_the_services_never_do(statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert Clause.objects.filter(code="GEN-1.1-01", priority=2).exists()


def test_the_register_is_carried_by_the_product() -> None:
    assert register.FILE.is_relative_to(Path(settings.BASE_DIR) / "compliance")


def test_every_demand_is_worded_in_chinese() -> None:
    read = register.read()

    assert list(read.chinese) == [clause["id"] for clause in read.clauses]
    assert all(text.endswith("。") for text in read.chinese.values())
