"""Read bytes as an uploaded file of some name."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import translation

from ops.engines.tables.limits import DEFAULT, Limits
from ops.engines.tables.reader import ReadWish, TableInfo, open_table

ANY = ReadWish()
Read = Callable[..., tuple[TableInfo, list[list[str]]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that reads bytes and gives the info and all records."""

    def reading(
        data: bytes, name: str = "a.csv", wish: ReadWish = ANY, limits: Limits = DEFAULT
    ) -> tuple[TableInfo, list[list[str]]]:
        path = tmp_path / "upload"
        path.write_bytes(data)
        with open_table(path, name=name, wish=wish, limits=limits) as table:
            return table.info, list(table.records())

    return reading


@pytest.fixture(autouse=True)
def no_temporary_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each test its own place for temporary files, which must be empty at the end."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))

    yield

    assert list(place.iterdir()) == []


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Let sentences be compared as they are written in the source."""
    with translation.override("en"):
        yield
