"""Sealing: a gapless sequence in the order of transactions, anchors that follow one another."""

from __future__ import annotations

import hashlib
import json
import random
import stat
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connections, transaction
from psycopg2.extensions import connection as Connection

from ops.engines.audit import anchors, places, sealing, services, signing
from ops.engines.audit.errors import ChainBroken, CopyFailed, KeyMissing, SealerElsewhere
from ops.engines.audit.merkle import Tree, node_of
from ops.engines.audit.models import Anchor, Fact, Leaf
from ops.engines.kernel.actor import Actor
from tests.support.cluster import OwnDatabase

AT = datetime(2026, 11, 5, 1, 2, 3, tzinfo=UTC)
SYSTEM = Actor.system("tests")
pytestmark = pytest.mark.usefixtures("own_database")


def record(count: int = 1, *, note: str = "") -> None:
    for _each in range(count):
        with transaction.atomic():
            services.record(actor=SYSTEM, at=AT, action="tests.happened", body={"note": note})


def sealed_facts() -> list[int]:
    return list(Leaf.objects.order_by("id").values_list("fact_id", flat=True))


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 2.1, word for word: what the grown tree is compared with."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_of(tree_hash(leaves[:split]), tree_hash(leaves[split:]))


def test_a_grown_tree_has_the_root_that_rfc_6962_defines() -> None:
    leaves = [hashlib.sha256(bytes([number])).digest() for number in range(200)]
    tree = Tree()

    for size in range(201):
        assert tree.root() == tree_hash(leaves[:size])
        assert Tree.packed(size, b"".join(tree.peaks)).root() == tree.root()
        tree.append(leaves[size : size + 1])


def test_the_tree_gives_the_roots_of_the_rfcs_test_vectors() -> None:
    tree = Tree()
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    inputs.append("606162636465666768696a6b6c6d6e6f")

    tree.append(hashlib.sha256(b"\x00" + bytes.fromhex(text)).digest() for text in inputs)

    assert tree.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_facts_are_sealed_in_order_and_the_anchor_is_copied_to_every_place(
    tmp_path: Path,
) -> None:
    record(5)

    first = sealing.seal(at=AT)
    record(3)
    second = sealing.seal(at=AT + timedelta(minutes=1))

    assert (first.number, first.facts, first.tree_size) == (1, 5, 5)
    assert (second.number, second.facts, second.tree_size) == (2, 3, 8)
    assert sealed_facts() == list(Fact.objects.order_by("id").values_list("id", flat=True))
    leaves = [bytes(leaf) for leaf in Leaf.objects.order_by("id").values_list("leaf", flat=True)]
    assert second.root == tree_hash(leaves).hex()
    lines = [anchors.line_of(each) for each in Anchor.objects.order_by("id")]
    for place in ("here", "there"):
        assert (tmp_path / place / places.FILE).read_text().splitlines() == lines
    assert json.loads(lines[1])["anchor"]["previous"] == (
        hashlib.sha256(anchors.content_of(Anchor.objects.get(id=1)).encode()).hexdigest()
    )


def test_without_new_facts_nothing_is_sealed() -> None:
    record()
    sealing.seal(at=AT)

    again = sealing.seal(at=AT + timedelta(minutes=1))

    assert (again.number, again.facts) == (1, 0)
    assert Anchor.objects.count() == 1


def test_an_open_transaction_is_waited_for_and_its_facts_come_before_younger_ones(
    own_database: OwnDatabase,
) -> None:
    late = own_database.connect()
    late.autocommit = False
    record(2)
    with late.cursor() as cursor:  # takes its transaction id now, and commits long after others
        cursor.execute("SELECT pg_current_xact_id()")
        record(2)
        first = sealing.seal(at=AT)
        cursor.execute(
            "SELECT audit_append(now(), 'system', NULL, NULL, 'late', '', '', 'tests.late',"
            " '', '', '{}')"
        )
    record(1)
    held = sealing.seal(at=AT + timedelta(minutes=1))
    late.commit()
    late.close()
    record(1)

    last = sealing.seal(at=AT + timedelta(minutes=2))

    assert (first.facts, held.facts, last.facts) == (2, 0, 5)
    names = dict(Fact.objects.values_list("id", "action"))
    assert [names[fact] for fact in sealed_facts()] == [
        *["tests.happened"] * 2,
        "tests.late",
        *["tests.happened"] * 4,
    ]


@pytest.mark.parametrize("seed", range(4))
def test_however_transactions_overlap_every_fact_is_sealed_once_and_places_never_change(
    own_database: OwnDatabase, seed: int
) -> None:
    chance = random.Random(seed)
    open_links: list[Connection] = []
    before: list[int] = []
    for step in range(40):
        link = own_database.connect()
        link.autocommit = False
        with link.cursor() as cursor:
            cursor.execute(
                "SELECT audit_append(now(), 'system', NULL, NULL, 'x', '', '', 'tests.x', '', '',"
                " '{}')"
            )
        open_links.append(link)
        while len(open_links) > 5 or (open_links and chance.random() < 0.4):
            ended = open_links.pop(chance.randrange(len(open_links)))
            ended.rollback() if chance.random() < 0.2 else ended.commit()
            ended.close()
        if chance.random() < 0.4:
            sealing.seal(at=AT + timedelta(seconds=step))
            assert sealed_facts()[: len(before)] == before
            before = sealed_facts()
    for link in open_links:
        link.commit()
        link.close()

    sealing.seal(at=AT + timedelta(minutes=5))

    order = sorted(Fact.objects.values_list("txid", "id"))
    assert sealed_facts() == [fact for _txid, fact in order]
    assert list(Leaf.objects.order_by("id").values_list("id", flat=True)) == list(range(len(order)))


def test_the_private_key_is_made_once_and_its_file_is_for_one_user(tmp_path: Path) -> None:
    record()
    sealing.seal(at=AT)
    record()
    sealing.seal(at=AT)

    (file,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(set(Anchor.objects.values_list("key_id", flat=True))) == 1
    assert (tmp_path / "there" / f"{file.stem}.pub").read_text().startswith("-----BEGIN PUBLIC KEY")


def test_a_new_key_is_handed_over_by_an_anchor_both_keys_sign(tmp_path: Path) -> None:
    record(2)
    old = sealing.seal(at=AT).key_id

    new = sealing.rotate_key(actor=SYSTEM, at=AT + timedelta(minutes=1)).key_id
    record()
    after = sealing.seal(at=AT + timedelta(minutes=2))

    assert (after.key_id, sealing.current_key().key_id) == (new, new)
    handover = Anchor.objects.get(next_key__isnull=False)
    assert handover.key_id == old != new
    assert [path.name for path in (tmp_path / "keys").iterdir()] == [f"audit-{new}.key"]
    assert Fact.objects.filter(action="audit.key_rotated").count() == 1


def test_a_key_that_is_lost_stops_sealing(tmp_path: Path) -> None:
    record()
    sealing.seal(at=AT)
    for file in (tmp_path / "keys").iterdir():
        file.unlink()
    record()

    with pytest.raises(KeyMissing):
        sealing.seal(at=AT)

    assert Anchor.objects.count() == 1
    assert Leaf.objects.count() == 1


def test_a_process_without_the_sealers_url_does_not_seal(settings: LazySettings) -> None:
    settings.IS_SEALER = False
    record()

    with pytest.raises(SealerElsewhere):
        sealing.seal(at=AT)

    assert not Leaf.objects.exists()


def test_nothing_is_sealed_on_top_of_a_database_older_than_its_anchors(tmp_path: Path) -> None:
    record()
    sealing.seal(at=AT)
    record()
    sealing.seal(at=AT)
    kept = (tmp_path / "here" / places.FILE).read_text()
    gone = kept.replace('"number":2', '"number":3')
    (tmp_path / "here" / places.FILE).write_text(gone)
    record()

    with pytest.raises(ChainBroken):
        sealing.seal(at=AT)

    assert (Anchor.objects.count(), Leaf.objects.count()) == (2, 2)


def test_a_place_that_cannot_be_written_is_named_and_caught_up_later(
    settings: LazySettings, tmp_path: Path
) -> None:
    (tmp_path / "there").write_text("a file where the directory should be")
    record()

    with pytest.raises(CopyFailed, match="there"):
        sealing.seal(at=AT)
    assert Anchor.objects.count() == 1
    (tmp_path / "there").unlink()
    sealing.seal(at=AT)

    assert [len(places.copied(place)) for place in places.directories()] == [1, 1]


def test_a_line_that_a_crash_tore_off_is_written_again(tmp_path: Path) -> None:
    record()
    sealing.seal(at=AT)
    file = tmp_path / "here" / places.FILE
    file.write_bytes(file.read_bytes()[:-20])
    record()

    sealing.seal(at=AT)

    assert [anchor.number for anchor in places.copied(tmp_path / "here")] == [1, 2]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE audit_fact SET action = 'x'", "permission denied"),
        ("DELETE FROM audit_anchor", "permission denied"),
        ("UPDATE audit_leaf SET id = 9", "permission denied"),
        ("TRUNCATE audit_leaf", "permission denied"),
        ("INSERT INTO django_session VALUES ('a', 'b', now())", "permission denied"),
        ("SELECT * FROM identity_user", "permission denied"),
        (
            "SELECT audit_append(now(), 'system', NULL, NULL, '', '', '', 'x', '', '', '{}')",
            "permission denied",
        ),
        ("INSERT INTO audit_leaf VALUES (7, 7, sha256('x'))", "no gaps"),
        (
            """INSERT INTO audit_anchor SELECT (jsonb_populate_record(a, '{"id": 5}')).*
                 FROM audit_anchor a""",
            "does not follow",
        ),
    ],
)
def test_the_sealer_may_do_nothing_but_seal(statement: str, words: str) -> None:
    record()
    sealing.seal(at=AT)

    with (
        pytest.raises(DatabaseError, match=words),
        transaction.atomic(using="sealer"),
        connections["sealer"].cursor() as cursor,
    ):
        cursor.execute(statement)

    assert (Anchor.objects.count(), Leaf.objects.count(), Fact.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("alias", ["default", "report"])
@pytest.mark.parametrize("table", ["audit_leaf", "audit_anchor"])
def test_who_writes_facts_cannot_seal_them(alias: str, table: str) -> None:
    with (
        pytest.raises(DatabaseError, match=r"permission denied|read-only"),
        transaction.atomic(using=alias),
        connections[alias].cursor() as cursor,
    ):
        cursor.execute(f"INSERT INTO {table} SELECT * FROM {table}")


@pytest.mark.parametrize("table", ["audit_leaf", "audit_anchor"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_owner_is_refused_too(as_owner: Connection, table: str, deed: str) -> None:
    record()
    sealing.seal(at=AT)

    with as_owner.cursor() as cursor, pytest.raises(psycopg2.errors.CheckViolation):
        cursor.execute(deed.format(table))


def test_signing_keys_may_come_from_the_environment(settings: LazySettings) -> None:
    settings.AUDIT_SIGNING_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    record()

    made = sealing.seal(at=AT)

    assert made.key_id in signing.ring()
    assert not settings.AUDIT_KEY_DIR.exists()
