"""What the database refuses when the services are passed by."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from ops.engines.approvals import services as approvals
from ops.engines.revisions import services
from ops.engines.revisions.models import Publication, Revision
from tests.engines.revisions.toys import (
    AT,
    CHANGED,
    FLOW,
    HELLO,
    LATER,
    Team,
    draft,
    published,
    refused_by,
    run,
    submitted,
)

_PUBLISH = """
INSERT INTO revisions_publication
    (piece_id, revision_id, approval_id, how, since, during, why, ended_why)
SELECT v.piece_id, v.id, %s, %s, %s::timestamptz, tstzrange(%s::timestamptz, NULL), %s, ''
FROM revisions_revision v WHERE v.id = %s
"""


def test_no_version_is_live_without_its_own_approval(people: Team) -> None:
    first = published(people)
    waiting = submitted(people, CHANGED)
    run("UPDATE revisions_publication SET during = tstzrange(since, %s), ended_why = 'x'", LATER)

    for approval in (waiting.approval_id, first.approval_id):
        with refused_by("publication_needs_approval"):
            run(_PUBLISH, approval, "published", LATER, LATER, "", waiting.id)
        with refused_by("publication_needs_approval"):
            run(_PUBLISH, approval, "restored", LATER, LATER, "x", waiting.id)

    assert Publication.objects.count() == 1


def test_a_version_is_not_live_as_taken_over_under_an_ordinary_approval(people: Team) -> None:
    first = published(people)
    run("UPDATE revisions_publication SET during = tstzrange(since, %s), ended_why = 'x'", LATER)

    with refused_by("publication_needs_approval"):
        run(_PUBLISH, first.approval_id, "opening", LATER, LATER, "", first.id)


def test_two_versions_are_never_live_at_once(people: Team) -> None:
    made = published(people)

    with refused_by("publication_one_live_per_piece"):
        run(_PUBLISH, made.approval_id, "restored", LATER, LATER, "x", made.id)


def test_a_version_is_not_live_before_its_day(people: Team) -> None:
    made = published(people, publish_at=LATER)
    run("UPDATE revisions_publication SET during = 'empty', ended_why = 'called off'")

    with refused_by("publication_on_its_day"):
        run(_PUBLISH, made.approval_id, "published", AT, AT, "", made.id)


def test_what_was_handed_in_stays_as_it_is(people: Team) -> None:
    made = submitted(people)

    digest = "encode(sha256(convert_to(document || ' ', 'UTF8')), 'hex')"
    for change in (
        f"document = document || ' ', content_hash = {digest}",
        "why = 'other'",
        'findings = \'[{"level": "note"}]\'',
        "parts = '[]'",
        "publish_at = now()",
        "approval_id = NULL",
    ):
        with refused_by("revision_content_fixed"):
            run(f"UPDATE revisions_revision SET {change} WHERE id = %s", made.id)

    assert Revision.objects.get(pk=made.id).content == HELLO


def test_the_hash_is_that_of_the_words(people: Team) -> None:
    made = draft(people)

    with refused_by("revision_hash_of_document"):
        run("UPDATE revisions_revision SET document = %s WHERE id = %s", "{}", made.id)


def test_no_state_is_skipped(people: Team) -> None:
    made = draft(people)
    with refused_by("revision_moves_as_declared"):
        run(
            "UPDATE revisions_revision SET state = 'approved', approval_id = NULL WHERE id = %s",
            made.id,
        )
    waiting = services.submit(revision_id=made.id, actor=people.actor("specialist"), at=AT)
    with refused_by("revision_approved_by_request"):
        run("UPDATE revisions_revision SET state = 'approved' WHERE id = %s", waiting.id)
    with refused_by("revision_moves_as_declared"):
        run("UPDATE revisions_revision SET state = 'draft' WHERE id = %s", waiting.id)

    assert Revision.objects.get(pk=made.id).state == "submitted"


def test_a_version_is_in_review_by_its_own_request_alone(people: Team) -> None:
    made = draft(people)
    other = submitted(people_of(people), CHANGED)

    with refused_by("revision_in_review_by_request"):
        run(
            "UPDATE revisions_revision SET state = 'submitted', findings = '[]',"
            " submitted_at = now(), approval_id = %s WHERE id = %s",
            other.approval_id,
            made.id,
        )

    assert Revision.objects.get(pk=made.id).state == "draft"


def people_of(people: Team) -> Team:
    """Return the same people, at work in the other department."""
    people.here, people.there = people.there, people.here
    people.specialist, people.outsider = people.outsider, people.specialist
    return people


def test_stops_do_not_pass_the_database(people: Team) -> None:
    made = draft(people, {**HELLO, "title": "a badword"})
    request = approvals.submit(
        flow=FLOW,
        subject=("revisions.piece", made.piece_id),
        number="T-1",
        title="past the service",
        content={
            "revision": made.id,
            "content_hash": made.content_hash,
            "publish_at": None,
            "parts": [],
        },
        figures={},
        actor=people.actor("specialist"),
        at=AT,
    )
    move = (
        "UPDATE revisions_revision SET state = 'submitted', findings = %s,"
        " submitted_at = now(), approval_id = %s WHERE id = %s"
    )

    with refused_by("revision_without_stops"):
        run(move, '[{"level": "stop"}]', request.id, made.id)
    with refused_by("revision_without_stops"):
        run(move, "{}", request.id, made.id)

    assert Revision.objects.get(pk=made.id).state == "draft"
    run(move, '[{"level": "note"}]', request.id, made.id)


def test_history_of_what_was_live_only_ends(people: Team) -> None:
    published(people)
    published(people, CHANGED, at=LATER)

    for change in (
        "during = tstzrange(since, NULL)",
        "ended_why = ''",
        "since = since - interval '1 day'",
        "how = 'restored', why = 'x'",
    ):
        with refused_by("publication_only_ends"):
            run(f"UPDATE revisions_publication SET {change} WHERE id = (SELECT min(id) FROM"
                " revisions_publication)")  # fmt: skip
    with refused_by("piece_stays"):
        run("UPDATE revisions_piece SET subject_id = 0")
    for statement in (
        "DELETE FROM revisions_publication",
        "DELETE FROM revisions_revision",
        "DELETE FROM revisions_piece",
        "INSERT INTO revisions_kind VALUES ('mine', 'price_change', '')",
        "UPDATE revisions_kind SET flow = 'price_change'",
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_version_starts_as_a_draft(people: Team) -> None:
    first = published(people)

    with refused_by("revision_starts_as_draft"):
        run(
            "INSERT INTO revisions_revision (piece_id, no, document, content_hash, why, parts,"
            " state, findings, drafted_by, drafted_at, submitted_at, approval_id)"
            " SELECT piece_id, 9, document, content_hash, why, parts, 'approved', '[]', 0, now(),"
            " now(), approval_id FROM revisions_revision WHERE id = %s",
            first.id,
        )
    with refused_by("revision_based_on_own_piece"):
        run(
            "INSERT INTO revisions_revision (piece_id, no, document, content_hash, why, parts,"
            " state, drafted_by, drafted_at, based_on_id)"
            " SELECT p.id, 9, v.document, v.content_hash, 'x', '[]', 'draft', 0, now(), v.id"
            " FROM revisions_revision v, revisions_piece p"
            " WHERE v.id = %s AND p.id <> v.piece_id",
            _in_two_pieces(people),
        )

    assert Revision.objects.count() == 1


def _in_two_pieces(people: Team) -> int:
    """Make a piece elsewhere and return a version of here."""
    here = Revision.objects.get().pk
    draft(people_of(people))
    run("UPDATE revisions_revision SET state = 'withdrawn' WHERE state = 'draft'")
    return int(here)
