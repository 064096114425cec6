"""Pictures and papers made part by part, so that each can be wrong in one known way."""

from __future__ import annotations

import struct
import zlib


def chunk(name: bytes, body: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int = 1, height: int = 1, *, note: str = "", after: bytes = b"") -> bytes:
    """Return a PNG; only one of a pixel holds all the pixels it names."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    words = chunk(b"tEXt", b"Comment\0" + note.encode()) if note else b""
    body = chunk(b"IDAT", zlib.compress(b"\0\xff\xff\xff"))
    return b"\x89PNG\r\n\x1a\n" + head + words + body + chunk(b"IEND", b"") + after


def segment(kind: int, body: bytes) -> bytes:
    """Return one segment of a JPEG."""
    return bytes([0xFF, kind]) + struct.pack(">H", len(body) + 2) + body


def jpeg(width: int = 1, height: int = 1, *, note: bytes = b"", after: bytes = b"") -> bytes:
    """Return a JPEG by its parts; its one block of pixels is empty."""
    size = segment(0xC0, struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0))
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x2b\xff\x00\x92"
    words = segment(0xFE, note) if note else b""
    start = b"\xff\xd8" + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    return start + words + size + scan + b"\xff\xd9" + after


def webp(width: int = 1, height: int = 1, *, after: bytes = b"") -> bytes:
    """Return a WebP by its parts."""
    frame = struct.pack("<I", 0) + (width - 1).to_bytes(3, "little")
    canvas = b"VP8X" + struct.pack("<I", 10) + frame + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body + after


def pdf(words: bytes = b"<</Type /Catalog>>", *, end: bytes = b"%%EOF\n") -> bytes:
    """Return a paper that names something."""
    return b"%PDF-1.7\n1 0 obj " + words + b" endobj\ntrailer<<>>\n" + end


def packed_pdf(words: bytes) -> bytes:
    """Return a paper whose names lie in a compressed part."""
    stream = zlib.compress(words)
    head = b"<</Type /ObjStm /Filter /FlateDecode /Length %d>>" % len(stream)
    return pdf(head + b"\nstream\r\n" + stream + b"\nendstream")
