"""What one uploaded table may cost; shared by the parent and its reading child."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings of one reading in bytes, seconds, rows, columns; past one, a file is refused."""

    file_bytes: int = 256 * MIB
    text_bytes: int = 512 * MIB
    line_bytes: int = MIB
    field_chars: int = 256 * 1024
    text_rows: int = 2_000_000
    sheet_rows: int = 200_000
    columns: int = 200
    zip_entries: int = 200
    zip_bytes: int = 200 * MIB
    zip_ratio: int = 100
    memory_bytes: int = 512 * MIB
    cpu_seconds: int = 20
    wall_seconds: int = 30
    output_bytes: int = 1024 * MIB


DEFAULT = Limits()
EXCEL_CELL_CHARS = 32_767
EXCEL_ROWS = 1_048_576
EXCEL_EXACT_DIGITS = 15
