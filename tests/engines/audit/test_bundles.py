"""Bundles of a real database, checked by a process of its own, after a superuser was at work."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from psycopg2.extensions import connection as Connection

from ops.engines.audit import bundling, checking, places, sealing, services
from ops.engines.audit.errors import BundleRefused, ChainBroken
from ops.engines.audit.models import Anchor, Fact, Leaf
from ops.engines.audit.types import BundleInfo
from ops.engines.controls import verification
from ops.engines.kernel.actor import Actor, ActorKind
from tests.support.cluster import OwnDatabase

AT = datetime(2026, 11, 5, 1, 2, 3, tzinfo=UTC)
DAY = AT.date()
AUDITOR = Actor(kind=ActorKind.PERSON, name="韩雪", person_id=9)
ALONE = "SET session_replication_role = replica; "  # no trigger fires: a superuser may
REHASH = (
    "UPDATE audit_fact f SET leaf = sha256('\\x00'::bytea || convert_to(audit_content(f), 'UTF8'))"
    " WHERE id = 4; UPDATE audit_leaf l SET leaf = f.leaf FROM audit_fact f WHERE f.id = l.fact_id;"
)
ATTACKS = {
    "edit": 'UPDATE audit_fact SET body = \'{"note":"other"}\' WHERE id = 4',
    "edit and hash its row": "UPDATE audit_fact SET actor_name = 'x' WHERE id = 4; " + REHASH,
    "delete": "DELETE FROM audit_fact WHERE id = 4",
    "delete with its leaf": "DELETE FROM audit_fact WHERE id = 4; DELETE FROM audit_leaf WHERE"
    " fact_id = 4; UPDATE audit_leaf SET id = id - 1 WHERE id > 3",
    "insert": "INSERT INTO audit_fact OVERRIDING SYSTEM VALUE SELECT 400, at, recorded_at, txid,"
    " actor_kind, person_id, user_id, actor_name, session, request_id, 'made.up', object_type,"
    " object_id, body, leaf FROM audit_fact WHERE id = 4",
    "swap": "UPDATE audit_leaf SET fact_id = fact_id + 100; UPDATE audit_leaf SET fact_id = CASE"
    " fact_id WHEN 103 THEN 4 WHEN 104 THEN 3 ELSE fact_id - 100 END",
    "drop a leaf": "DELETE FROM audit_leaf WHERE id = 3",
    "change an anchor": "UPDATE audit_anchor SET sealed_at = sealed_at - interval '1 hour'",
    "drop an anchor": "DELETE FROM audit_anchor WHERE id = 2",
    "cut the tail": "DELETE FROM audit_anchor WHERE id = 3; DELETE FROM audit_fact WHERE id IN"
    " (SELECT fact_id FROM audit_leaf WHERE id >= 6); DELETE FROM audit_leaf WHERE id >= 6",
    "empty it": "DELETE FROM audit_anchor WHERE id > 1; DELETE FROM audit_leaf WHERE id > 2;"
    " DELETE FROM audit_fact WHERE id > 3",
}


@pytest.fixture
def log(own_database: OwnDatabase) -> None:
    """Three anchors over nine facts, with two places outside."""
    for turn in range(3):
        for number in range(3):
            with transaction.atomic():
                body = {"note": f"{turn} {number}", "said": '因为\n"x"\u2028'}
                services.record(actor=AUDITOR, at=AT, action="tests.happened", body=body)
        sealing.seal(at=AT + timedelta(minutes=turn))


def made(path: Path) -> BundleInfo:
    return bundling.make(
        first=DAY, last=DAY, path=path, actor=AUDITOR, at=AT + timedelta(minutes=9)
    )


def stranger(tmp_path: Path, *, options: Sequence[str] = ()) -> tuple[int, list[str]]:
    """Check the bundle as an auditor does: the file alone, a key, the copies from outside."""
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        program = archive.extract("verify_bundle.py", tmp_path / "elsewhere")
    (key,) = (tmp_path / "there").glob("*.pub")
    done = subprocess.run(
        [
            sys.executable, "-I", program, str(tmp_path / "bundle.zip"), "--key", str(key),
            "--anchors", str(tmp_path / "there" / places.FILE), *options,
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


@pytest.mark.usefixtures("log")
def test_an_honest_bundle_is_intact_elsewhere_and_making_it_is_a_fact(tmp_path: Path) -> None:
    info = made(tmp_path / "bundle.zip")

    code, said = stranger(tmp_path)

    assert (code, said[-1]) == (0, "intact"), said
    assert "9 facts under 3 anchors" in said[0]
    assert (info.facts, info.anchors, info.strays) == (9, 3, 0)
    fact = Fact.objects.get(action="audit.bundle_made")
    assert json.loads(fact.body)["sha256"] == info.sha256
    assert fact.person_id == 9
    assert checking.differences() == []


@pytest.mark.usefixtures("log")
def test_a_bundle_of_later_days_stands_on_the_anchor_before_it(tmp_path: Path) -> None:
    later = AT + timedelta(days=1)
    with transaction.atomic():
        services.record(actor=AUDITOR, at=later, action="tests.later")
    sealing.seal(at=later)
    sealing.rotate_key(actor=AUDITOR, at=later + timedelta(minutes=1))
    with transaction.atomic():
        services.record(actor=AUDITOR, at=later, action="tests.with_the_new_key")
    sealing.seal(at=later + timedelta(minutes=2))

    info = bundling.make(
        first=later.date(),
        last=later.date(),
        path=tmp_path / "bundle.zip",
        actor=AUDITOR,
        at=later + timedelta(minutes=9),
    )

    (old,) = {
        path
        for path in (tmp_path / "there").glob("*.pub")
        if Anchor.objects.filter(id=1, key_id=path.stem.removeprefix("audit-"))
    }
    for path in (tmp_path / "there").glob("*.pub"):
        if path != old:
            path.unlink()
    code, said = stranger(tmp_path)
    assert (code, said[-1]) == (0, "intact"), said
    assert info.first_anchor == 4
    assert checking.differences() == []


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("name", ATTACKS)
def test_what_a_superuser_did_is_found_by_a_stranger_and_by_verify(
    as_superuser: Connection, tmp_path: Path, name: str
) -> None:
    with as_superuser.cursor() as cursor:
        cursor.execute(ALONE + ATTACKS[name])

    made(tmp_path / "bundle.zip")
    code, said = stranger(tmp_path)

    assert code == 1, said
    assert len(said) > 3
    assert checking.differences() != []
    assert verification.differences("audit") == checking.differences()


@pytest.mark.usefixtures("log")
def test_an_edited_fact_is_named_with_its_number_and_the_window(
    as_superuser: Connection, tmp_path: Path
) -> None:
    with as_superuser.cursor() as cursor:
        cursor.execute(ALONE + ATTACKS["edit"])

    made(tmp_path / "bundle.zip")
    _code, said = stranger(tmp_path)

    (found,) = [line for line in said if line.startswith("fact:")]
    assert "fact 4 (place 4) was changed" in found
    assert "2026-11-05T01:02:03.000000+00:00 .. 2026-11-05T01:03:03.000000+00:00" in found
    assert [line for line in checking.differences() if line.startswith("fact:")] == [found]


@pytest.mark.usefixtures("log")
def test_yesterdays_copy_cannot_be_sealed_on(as_superuser: Connection) -> None:
    with as_superuser.cursor() as cursor:
        cursor.execute(ALONE + ATTACKS["cut the tail"])
    with transaction.atomic():
        services.record(actor=AUDITOR, at=AT, action="tests.after_the_cut")

    with pytest.raises(ChainBroken):
        sealing.seal(at=AT + timedelta(minutes=5))

    assert (Anchor.objects.count(), Leaf.objects.count()) == (2, 6)


@pytest.mark.usefixtures("log")
def test_a_log_rebuilt_with_another_key_is_found(
    as_superuser: Connection, tmp_path: Path, settings: LazySettings
) -> None:
    with as_superuser.cursor() as cursor:
        cursor.execute(
            ALONE
            + "UPDATE audit_fact SET actor_name = 'x' WHERE id = 4; "
            + REHASH
            + "DELETE FROM audit_anchor; DELETE FROM audit_leaf"
        )
    trusted = settings.AUDIT_KEY_DIR, settings.AUDIT_ANCHOR_DIRS
    settings.AUDIT_KEY_DIR = tmp_path / "his keys"
    settings.AUDIT_ANCHOR_DIRS = [tmp_path / "his place"]
    sealing.seal(at=AT + timedelta(minutes=2))
    assert checking.differences() == []  # by his own lights it is whole
    settings.AUDIT_KEY_DIR, settings.AUDIT_ANCHOR_DIRS = trusted

    made(tmp_path / "bundle.zip")
    code, said = stranger(tmp_path)

    assert code == 1
    assert any("a key nobody trusts" in line for line in said)
    assert any("not the one copied outside" in line for line in said)
    assert checking.differences() != []


@pytest.mark.usefixtures("own_database")
def test_nothing_is_bundled_before_the_first_seal(tmp_path: Path) -> None:
    with pytest.raises(BundleRefused):
        made(tmp_path / "bundle.zip")

    assert not (tmp_path / "bundle.zip").exists()
    assert not Fact.objects.exists()
    assert checking.differences() == []


@pytest.mark.usefixtures("log")
def test_days_in_the_wrong_order_and_too_many_facts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    with pytest.raises(BundleRefused):
        bundling.make(first=DAY, last=DAY - timedelta(days=1), path=path, actor=AUDITOR, at=AT)
    with pytest.raises(BundleRefused):
        bundling.make(first=DAY, last=DAY, path=path, actor=AUDITOR, at=AT, most=8)

    assert not Fact.objects.filter(action="audit.bundle_made").exists()


@pytest.mark.usefixtures("log")
def test_the_commands_seal_bundle_and_verify(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with transaction.atomic():
        services.record(actor=AUDITOR, at=AT, action="tests.happened")
    call_command("audit_seal", "--json")
    assert json.loads(capsys.readouterr().out)["facts"] == 1
    call_command("audit_seal", "--public-key")
    (kept,) = (tmp_path / "here").glob("*.pub")
    assert capsys.readouterr().out.strip() == kept.read_text().strip()

    call_command(
        "audit_bundle", "--from", "2026-11-05", "--to", "2026-11-05",
        "-o", str(tmp_path / "bundle.zip"), "--json",
    )  # fmt: skip
    assert json.loads(capsys.readouterr().out)["facts"] >= 9
    call_command("verify", "audit", "--json")
    assert json.loads(capsys.readouterr().out) == {"equal": True, "differences": {"audit": []}}
    assert stranger(tmp_path)[0] == 0
    with pytest.raises(CommandError):
        call_command("audit_bundle", "--from", "2026-11-05", "--to", "2026-11-04", "-o", "x.zip")
