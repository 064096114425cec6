"""Data and a fixed typst template into a PDF; the data is JSON and never markup."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import noto_cjk_sans_otc
import typst

_FONTS = Path(noto_cjk_sans_otc.__file__).parent


def typeset(template: Path, data: Mapping[str, Any], *, is_tagged: bool = True) -> bytes:
    """Return the PDF of a template of ours filled with data; Chinese by the fonts we carry."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        shutil.copy(template, place / "paper.typ")
        (place / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        made = place / "paper.pdf"
        typst.compile(
            str(place / "paper.typ"),
            output=str(made),
            root=folder,
            format="pdf",
            font_paths=[str(_FONTS)],
            ignore_system_fonts=True,
            sys_inputs={"data": "data.json"},
            pdf_tags=is_tagged,
        )
        return made.read_bytes()


def draw(
    template: Path, data: Mapping[str, Any], *, pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """Return a template of ours filled with data as one PNG, a pixel for each of its points.

    The template sets one page of any height; `pictures` lie beside it under their names. Raises
    typst's own error for a picture it cannot read.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        shutil.copy(template, place / "page.typ")
        (place / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        for name, held in (pictures or {}).items():
            (place / Path(name).name).write_bytes(held)
        made = place / "page.png"
        typst.compile(
            str(place / "page.typ"),
            output=str(made),
            root=folder,
            format="png",
            ppi=72,
            font_paths=[str(_FONTS)],
            ignore_system_fonts=True,
            sys_inputs={"data": "data.json"},
        )
        return made.read_bytes()
