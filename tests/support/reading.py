"""The words of any file somebody takes away: text, workbook, paper, archive of them."""

from __future__ import annotations

import contextlib
import io
import zipfile

import pypdf

from tests.support.expressions import on_paper

_ZIP, _PDF = b"PK\x03\x04", b"%PDF-"


def words_in(data: bytes) -> str:
    """Return everything a program could read in a file, whatever its name.

    What only looks like a paper or an archive is read as it stands.
    """
    with contextlib.suppress(pypdf.errors.PyPdfError, ValueError):
        if data.startswith(_PDF):
            return on_paper(data)
    with contextlib.suppress(zipfile.BadZipFile):
        if data.startswith(_ZIP):
            return _packed(data)
    return data.decode(errors="replace")


def _packed(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        return "\n".join([f"{one.filename}\n{words_in(archive.read(one))}" for one in members])
