"""Exports out of PostgreSQL are as inert, and come back as unchanged, as those out of Python."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from ops.engines.kernel import parse
from ops.engines.tables.inert import RISKY_SQL, is_risky
from ops.engines.tables.intake import open_intake
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.streaming import stream_query_csv
from ops.engines.tables.writer import Column as Out

from .test_writer import BACK, PAYLOADS

pytestmark = pytest.mark.django_db
TEXTS = [text for text in PAYLOADS if "\0" not in text]
QUERY = (
    "SELECT t AS name, (%(sign)s * n)::bigint AS qty FROM unnest(%(t)s) WITH ORDINALITY AS u(t, n)"
)
COLUMNS = (Out("name", "名称"), Out("qty", "数量", "integer"))


def test_import_of_a_streamed_export_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as stream:
        stream_query_csv(QUERY, {"t": TEXTS, "sign": -1}, COLUMNS, stream)

    with open_intake(path, BACK, name="a.csv") as intake:
        back = [row.values["name"] for row in intake.rows()]

    assert back == TEXTS


def test_every_character_is_judged_alike_by_both() -> None:
    texts = [chr(code) + "=1" for code in (*range(1, 0x3400), *range(0xFE00, 0xFFFE))]

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(t ~ %s ORDER BY n) FROM unnest(%s) WITH ORDINALITY AS u(t, n)",
            [RISKY_SQL, texts],
        )
        judged = cursor.fetchone()[0]

    assert [
        text for text, risky in zip(texts, judged, strict=True) if risky != is_risky(text)
    ] == []


def test_values_stream_in_the_words_of_the_importer(tmp_path: Path) -> None:
    columns = (
        *(Out("d", "d", "date"), Out("m", "m", "datetime")),
        *(Out("a", "a", "money"), Out("n", "n", "text")),
    )
    query = "SELECT %s::date AS d, %s::timestamptz AS m, %s::numeric(20,2) AS a, NULL::text AS n"
    moment = dt.datetime(2026, 11, 19, 16, 0, 1, tzinfo=dt.UTC)
    path = tmp_path / "a.csv"

    with path.open("wb") as stream:
        stream_query_csv(query, ["2026-11-20", moment, Decimal("-5.10")], columns, stream)

    assert path.read_text("utf-8-sig") == "d,m,a,n\n2026-11-20,2026-11-20 00:00:01,-5.10,\n"
    profile = Profile(
        "v",
        "V",
        columns=(Column("m", parse=lambda text: parse.moment(text, zone=parse.BUSINESS_ZONE)),),
    )
    with open_intake(path, profile, name="a.csv") as intake:
        assert next(intake.rows()).values["m"] == moment
