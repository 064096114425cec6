"""Migration operation that tells the database of a kind of content; depends on revisions 0002."""

from __future__ import annotations

from django.db import migrations

_ENTER = "INSERT INTO revisions_kind (key, flow, accepts) VALUES (%s, %s, %s)"
_LEAVE = "DELETE FROM revisions_kind WHERE key = %s"


def revised_kind(key: str, *, flow: str, accepts: str = "") -> migrations.RunSQL:
    """Let versions of a kind live by approved requests of one flow, and of no other.

    `accepts` names an SQL function `(content jsonb, subject_id bigint, at timestamptz) RETURNS
    text` of the app that says what is wrong with content that is about to live, null for nothing:
    the database refuses the rest as `publication_acceptable`. The declaration names the same flow;
    a conformance test compares.
    """
    return migrations.RunSQL([(_ENTER, [key, flow, accepts])], [(_LEAVE, [key])])
