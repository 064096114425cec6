"""Which widths a page is looked at, and how wide a screenshot is."""

from __future__ import annotations

from typing import Final

# A narrow phone, and a tablet held upright.
WIDTHS: Final = (360, 768)
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_SCALES: Final = (1, 2, 3)


def png_width(data: bytes) -> int | None:
    """Return the width of a PNG in pixels, None for anything else."""
    if data[:8] != _PNG or data[12:16] != b"IHDR":
        return None
    return int.from_bytes(data[16:20])


def fits(data: bytes, width: int) -> bool:
    """Say whether a picture shows a screen of that width, plain or at a denser pixel ratio."""
    return png_width(data) in {width * scale for scale in _SCALES}
