"""What a file is, told from its bytes alone; the name may only agree."""

from __future__ import annotations

import codecs
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.utils.translation import gettext_lazy as _

from ops.engines.files.errors import FileRefused

MAX_ZIP_ENTRIES = 2_000
MAX_UNPACKED_BYTES = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file accepted: its media type, its endings, how its bytes begin."""

    content_type: str
    endings: frozenset[str]
    matches: Callable[[bytes], bool]

    @property
    def ending(self) -> str:
        """Return the ending stored files of this kind get."""
        return min(self.endings, key=len)


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _is_xlsx(data: bytes) -> bool:
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            entries = book.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    names = {entry.filename for entry in entries}
    if len(entries) > MAX_ZIP_ENTRIES or sum(e.file_size for e in entries) > MAX_UNPACKED_BYTES:
        return False
    # A workbook that carries a macro is another kind of thing, whatever its ending says.
    has_macro = any(name.lower().endswith("vbaproject.bin") for name in names)
    return {"[Content_Types].xml", "xl/workbook.xml"} <= names and not has_macro


def _is_csv(data: bytes) -> bool:
    if b"\x00" in data:
        return False
    text = _decoded(data.removeprefix(codecs.BOM_UTF8))
    if text is None or text.lstrip().startswith("<"):  # markup that a browser would run
        return False
    return not any(c < " " and c not in "\t\r\n" for c in text)


def _decoded(data: bytes) -> str | None:
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


KINDS = (
    FileKind("application/pdf", frozenset({".pdf"}), lambda data: data.startswith(b"%PDF-")),
    FileKind("image/png", frozenset({".png"}), lambda data: data.startswith(b"\x89PNG\r\n\x1a\n")),
    FileKind(
        "image/jpeg", frozenset({".jpg", ".jpeg"}), lambda data: data.startswith(b"\xff\xd8\xff")
    ),
    FileKind("image/webp", frozenset({".webp"}), _is_webp),
    FileKind(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        frozenset({".xlsx"}),
        _is_xlsx,
    ),
    FileKind("text/csv", frozenset({".csv"}), _is_csv),
)


def sniff(data: bytes, *, name: str) -> FileKind:
    """Return the kind the bytes are, when the name's ending says the same.

    Raises FileRefused for empty files, for every other kind (SVG, HTML, scripts, archives,
    workbooks with macros) and for a name that claims another kind.
    """
    if not data:
        raise FileRefused("files.empty", _("The file is empty."))
    claimed = PurePosixPath(name).suffix.lower()
    kind = next((k for k in KINDS if k.matches(data)), None)
    if kind is None or not any(claimed in k.endings for k in KINDS):
        raise FileRefused(
            "files.kind",
            _("Only PDF, PNG, JPG, WEBP, XLSX without macros and CSV files are accepted."),
        )
    if claimed not in kind.endings:
        raise FileRefused(
            "files.mismatch",
            _("The file is %(found)s, but its name ends in %(claimed)s.")
            % {"found": kind.content_type, "claimed": claimed},
            found=kind.content_type,
        )
    return kind
