"""Import batches: whole or nothing, once per content, refused with a trace."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import connection

from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.errors import Forbidden, RuleViolation
from ops.engines.tables import selectors, services, storage
from ops.engines.tables.errors import (
    AlreadyImported,
    BatchClosed,
    BatchMissing,
    ProfileMissing,
    TableRefused,
)
from ops.engines.tables.models import ImportBatch
from ops.engines.tables.profile import Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo

from . import toys

pytestmark = pytest.mark.django_db
MACHINE = Actor.importer("test")
Given = Callable[..., BatchInfo]


@pytest.fixture(autouse=True)
def media(settings: LazySettings, tmp_path: Path) -> Path:
    """Keep the files of each test apart and declare the toy profile."""
    settings.MEDIA_ROOT = tmp_path / "media"
    toys.register()
    return tmp_path / "media"


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """Return a function that imports text as a file."""

    def importing(text: str | bytes = toys.ROWS, name: str = "a.csv", **more: Any) -> BatchInfo:
        path = tmp_path / "upload"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        options = {key: more.pop(key) for key in list(more) if key not in ("actor", "dry_run")}
        return services.import_file(
            profile="toy_stock",
            path=path,
            name=name,
            actor=more.pop("actor", MACHINE),
            at=toys.AT,
            options=options,
            **more,
        )

    return importing


def facts(action: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM audit_fact WHERE action = %s ORDER BY id", [action])
        return [json.loads(row[0]) for row in cursor.fetchall()]


def keeper(**scopes: frozenset[int]) -> Actor:
    letter = "p" if scopes else "P"
    return Actor(
        kind=ActorKind.PERSON,
        name="王强",
        person_id=5,
        user_id=5,
        rights={"inventory": frozenset(letter)},
        scopes=scopes,
    )


def test_a_file_is_loaded_with_its_totals_and_one_fact(given: Given) -> None:
    batch = given(actor=keeper())

    assert (batch.state, batch.rows_read, batch.accepted, batch.rejected) == ("done", 2, 2, 0)
    assert batch.control_totals == {"qty": 12}
    assert toys.loaded() == 2
    assert [fact["totals"] for fact in facts("tables.batch_imported")] == [{"qty": 12}]
    row = ImportBatch.objects.get()
    assert (row.actor_person_id, row.finished_at) == (5, toys.AT)
    assert storage.full_path(row.source_file).read_text() == toys.ROWS


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (toys.ROWS, "a.csv"),
        (toys.ROWS, "other.txt"),
        ("sku,qty\nA2,7\nA1,5\n", "a.csv"),
        ("qty;sku\r\n5;A1\r\n7;A2\r\n", "a.csv"),
    ],
)
def test_the_same_content_again_has_no_second_effect(given: Given, text: str, name: str) -> None:
    first = given()

    again = given(text, name)

    assert again.known
    assert again.id == first.id
    assert toys.loaded() == 2
    assert ImportBatch.objects.count() == 1


def test_the_same_content_for_another_channel_is_another_import(given: Given) -> None:
    first = given(channel="tmall")
    second = given(channel="jd")

    assert not second.known
    assert (first.scope_id, second.scope_id) == (7, 8)
    assert given(channel="jd").known


def test_rejects_of_profile_and_loader_are_counted_and_filed(given: Given) -> None:
    batch = given("sku,qty\nA1,5\nBAD,1\nA3,1.5\n")

    assert batch.state == "done_with_rejects"
    assert (batch.rows_read, batch.accepted, batch.rejected) == (3, 1, 2)
    assert batch.reasons == {"qty: input.quantity": 1, "sku: toy.bad": 1}
    lines = storage.full_path(batch.rejects_file).read_text("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("4,qty,")


def test_a_refused_file_leaves_a_record_and_nothing_else(given: Given, media: Path) -> None:
    with pytest.raises(TableRefused):
        given('sku,qty\n"A1,5\n', name="../../x\n\u202e.csv")

    batch = ImportBatch.objects.get()
    assert batch.state == "refused"
    assert batch.file_name == "x.csv"
    assert batch.message
    assert len(facts("tables.batch_refused")) == 1
    assert toys.loaded() == 0
    assert not media.exists()


def test_a_loader_that_refuses_undoes_everything(given: Given, media: Path) -> None:
    with pytest.raises(RuleViolation, match="no"):
        given(fail=True)

    assert [b.state for b in ImportBatch.objects.all()] == ["refused"]
    assert toys.loaded() == 0
    assert list((media / "imports").iterdir()) == []
    assert given().state == "done"


def test_a_load_that_dies_can_be_tried_again(given: Given) -> None:
    with pytest.raises(ZeroDivisionError):
        given(crash=True)
    assert ImportBatch.objects.count() == 0

    assert given().state == "done"
    assert toys.loaded() == 2


def test_rows_that_vanish_stop_the_load(given: Given) -> None:
    with pytest.raises(ValueError, match="1 of 2 rows"):
        given(lose=True)

    assert toys.loaded() == 0


def test_a_dry_run_takes_everything_back(given: Given, media: Path) -> None:
    batch = given("sku,qty\nA1,5\nBAD,1\n", dry_run=True)

    assert (batch.accepted, batch.rejected) == (1, 1)
    assert ImportBatch.objects.count() == 0
    assert toys.loaded() == 0
    assert not list((media / "imports").glob("*"))


def test_people_need_the_right_and_the_scope(given: Given) -> None:
    tmall_only = keeper(channel=frozenset({7}))
    nobody = Actor(kind=ActorKind.PERSON, name="路人", person_id=9, user_id=9)

    with pytest.raises(Forbidden):
        given(actor=nobody)
    with pytest.raises(Forbidden):
        given(actor=tmall_only, channel="jd")
    batch = given(actor=keeper(), channel="jd")

    assert [b.id for b in selectors.batches(actor=keeper())] == [batch.id]
    assert selectors.batches(actor=tmall_only) == []
    with pytest.raises(BatchMissing):
        selectors.batch(batch_id=batch.id, actor=tmall_only)


def test_a_previewed_batch_is_run_once(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_text(toys.ROWS)

    begun = services.begin_batch(
        profile="toy_stock", path=path, name="a.csv", actor=MACHINE, at=toys.AT
    )
    path.unlink()
    assert (begun.state, begun.rows_read) == ("previewed", 2)
    assert toys.loaded() == 0
    later = toys.AT + dt.timedelta(minutes=5)
    done = services.run_batch(batch_id=begun.id, actor=MACHINE, at=later)

    assert (done.state, done.accepted, done.finished_at) == ("done", 2, later)
    with pytest.raises(BatchClosed):
        services.run_batch(batch_id=begun.id, actor=MACHINE, at=later)
    assert toys.loaded() == 2


def test_of_two_previews_of_one_content_only_one_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_text(toys.ROWS)
    first, second = (
        services.begin_batch(
            profile="toy_stock", path=path, name="a.csv", actor=MACHINE, at=toys.AT
        )
        for _ in range(2)
    )
    services.run_batch(batch_id=first.id, actor=MACHINE, at=toys.AT)

    with pytest.raises(AlreadyImported):
        services.run_batch(batch_id=second.id, actor=MACHINE, at=toys.AT)

    assert toys.loaded() == 2
    refused = services.refuse_batch(batch_id=second.id, message="x", actor=MACHINE, at=toys.AT)
    assert refused.state == "refused"


def test_personal_files_are_not_kept(
    given: Given, django_capture_on_commit_callbacks: Any, tmp_path: Path
) -> None:
    personal = Profile("toy_people", "Toy people", columns=toys.PROFILE.columns, personal=True)
    register_profile(personal, load=toys.load)
    path = tmp_path / "upload"
    path.write_text(toys.ROWS)

    with django_capture_on_commit_callbacks(execute=True):
        services.import_file(
            profile="toy_people", path=path, name="a.csv", actor=MACHINE, at=toys.AT
        )

    assert ImportBatch.objects.get().source_file == ""
    assert list(tmp_path.glob("media/imports/*/source*")) == []


def test_an_unknown_profile_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileMissing, match="nothing"):
        services.import_file(profile="nothing", path=tmp_path, name="a", actor=MACHINE, at=toys.AT)


def ingest(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = 0
    try:
        call_command("ingest", "toy_stock", *arguments, "--json")
    except SystemExit as left:
        code = int(str(left.code))
    return code, json.loads(capsys.readouterr().out)


def test_the_command_prints_one_object_and_tells_by_its_exit(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    good, some, bad = (tmp_path / name for name in ("good.csv", "some.csv", "bad.csv"))
    good.write_text(toys.ROWS)
    some.write_text("sku,qty\nA9,1\nA8,x\n")
    bad.write_text('sku,qty\n"A1,5\n')

    code, first = ingest(capsys, str(good), "--channel", "tmall")
    assert (code, first["accepted"], first["state"]) == (0, 2, "done")
    code, again = ingest(capsys, str(good), "--channel", "tmall")
    assert (code, again["accepted"], again["duplicate"]) == (0, 0, 2)
    assert again["batch"] == first["batch"]
    code, dry = ingest(capsys, str(some), "--dry-run")
    assert (code, dry["rejected"], dry["batch"]) == (2, 1, "")
    code, partly = ingest(capsys, str(some))
    assert (code, partly["accepted"], partly["rejected"]) == (2, 1, 1)
    assert Path(partly["rejects_file"]).exists()
    code, refused = ingest(capsys, str(bad))
    assert (code, refused["state"], refused["code"]) == (1, "refused", "tables.open_quote")
    code, both = ingest(capsys, str(good), str(tmp_path / "missing.csv"))
    assert code == 1
    assert [result["state"] for result in both["files"]] == ["done", "refused"]


def test_the_command_speaks_to_people_too(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("sku,qty\nA9,1\nA8,x\n")

    with pytest.raises(SystemExit):
        call_command("ingest", "toy_stock", str(path))

    out = capsys.readouterr().out
    assert "rows read: 2" in out
    assert "qty: 1" in out
