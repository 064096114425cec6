"""The zip directory of a workbook, read and judged before any entry is unpacked."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import BinaryIO

from ops.engines.tables.limits import Limits

from .refusal import Refusal

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_END_BYTES = 22
_SYMLINK = 0o12
_SMALL = 256 * 1024
_FORBIDDEN_PARTS = {
    "vbaproject": "macros",
    "/macrosheets/": "macros",
    "/dialogsheets/": "macros",
    "/externallinks/": "external_content",
    "/connections.xml": "external_content",
    "/querytables/": "external_content",
    "/ddelinks/": "external_content",
    "/pivotcache/": "pivot_tables",
    "/activex/": "embedded_objects",
    "/embeddings/": "embedded_objects",
}
_FORBIDDEN_ENDS = (
    *(".zip", ".7z", ".rar", ".gz", ".exe", ".dll", ".js", ".vbs", ".php", ".html"),
    *(".xlsx", ".xlsm", ".xls", ".docx", ".pptx"),
)


def open_archive(source: BinaryIO, limits: Limits) -> zipfile.ZipFile:
    """Open a zip file whose directory is complete, plain and small enough.

    Raises Refusal otherwise: nothing was unpacked yet.
    """
    _check_ends(source)
    try:
        archive = zipfile.ZipFile(source)
        infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise Refusal("broken_archive") from error
    if not infos:
        raise Refusal("broken_archive")
    if len(infos) > limits.zip_entries:
        raise Refusal("too_many_entries", limit=limits.zip_entries)
    names: set[str] = set()
    for info in infos:
        _check_entry(info, limits)
        folded = info.filename.casefold()
        if folded in names:
            raise Refusal("unsafe_archive", name=_shown(info.filename))
        names.add(folded)
    _check_size(infos, limits)
    _check_layout(source, archive, infos)
    return archive


def _check_ends(source: BinaryIO) -> None:
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    start = source.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refusal("old_or_encrypted")
    if not start.startswith(b"PK\x03\x04"):
        raise Refusal("content_differs", found="other")
    source.seek(max(0, size - _END_BYTES))
    end = source.read(_END_BYTES)
    if not end.startswith(b"PK\x05\x06") or end[-2:] != b"\0\0":
        raise Refusal("broken_archive")
    source.seek(0)


def _check_entry(info: zipfile.ZipInfo, limits: Limits) -> None:
    name = info.filename
    parts = name.replace("\\", "/").split("/")
    if name.startswith("/") or "\\" in name or ":" in name or ".." in parts or "\0" in name:
        raise Refusal("unsafe_archive", name=_shown(name))
    if info.external_attr >> 28 == _SYMLINK:
        raise Refusal("unsafe_archive", name=_shown(name))
    if info.flag_bits & 1:
        raise Refusal("old_or_encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refusal("broken_archive")
    if info.file_size > _SMALL and info.file_size > info.compress_size * limits.zip_ratio:
        raise Refusal("unpacks_too_large", limit=limits.zip_bytes)
    path = "/" + name.casefold()
    for part, code in _FORBIDDEN_PARTS.items():
        if part in path:
            raise Refusal(code)
    if path.endswith(_FORBIDDEN_ENDS):
        raise Refusal("embedded_objects")


def _check_size(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    total = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if total > limits.zip_bytes or (total > _SMALL and total > packed * limits.zip_ratio):
        raise Refusal("unpacks_too_large", limit=limits.zip_bytes)


def _check_layout(source: BinaryIO, archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> None:
    """Refuse entries that overlap, and data in front of or behind them."""
    free_from = 0
    for info in sorted(infos, key=lambda entry: entry.header_offset):
        if info.header_offset < free_from or (free_from == 0 and info.header_offset != 0):
            raise Refusal("broken_archive")
        source.seek(info.header_offset)
        header = source.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size:
            raise Refusal("broken_archive")
        magic, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
        if magic != b"PK\x03\x04":
            raise Refusal("broken_archive")
        free_from = info.header_offset + len(header) + name_bytes + extra_bytes + info.compress_size
    if free_from > archive.start_dir:
        raise Refusal("broken_archive")
    source.seek(0)


def _shown(name: str) -> str:
    return ascii(name)[1:61]
