"""Vendored code is byte for byte what its project published."""

import hashlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLES = (ROOT / "static/vendor/VENDOR.toml", Path(__file__).parent / "vendor/VENDOR.toml")
SOURCES = {".js", ".css", ".woff2"}


def _listed(table: Path) -> list[tuple[Path, str]]:
    packages = tomllib.loads(table.read_text())["package"]
    return [
        (table.parent / entry["path"], entry["sha256"])
        for package in packages
        for entry in package["file"]
    ]


@pytest.mark.parametrize("table", TABLES, ids=["served", "tests"])
def test_vendored_files_match_their_hashes(table: Path) -> None:
    for path, expected in _listed(table):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == expected, path.name


@pytest.mark.parametrize("table", TABLES, ids=["served", "tests"])
def test_no_vendored_file_is_unlisted(table: Path) -> None:
    found = {path for path in table.parent.rglob("*") if path.suffix in SOURCES}

    assert found == {path for path, _sha256 in _listed(table)}
