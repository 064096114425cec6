"""The words of any file somebody takes away: text, workbook, paper, archive of them."""

from __future__ import annotations

import io
import zipfile

from tests.support.expressions import on_paper

_ZIP, _PDF = b"PK\x03\x04", b"%PDF-"


def words_in(data: bytes) -> str:
    """Return everything a program could read in a file, whatever its name."""
    if data.startswith(_PDF):
        return on_paper(data)
    if data.startswith(_ZIP):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            return "\n".join([f"{one.filename}\n{words_in(archive.read(one))}" for one in members])
    return data.decode(errors="replace")
