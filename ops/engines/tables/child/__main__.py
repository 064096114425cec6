"""The reading child: `python -m ops.engines.tables.child '<request as JSON>'`.

Standard input is the uploaded file, standard output the records; two more descriptors named in
the request take unpacked text and the answer. No path, no network, no other library is touched.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, BinaryIO

from ops.engines.tables.limits import Limits

from .confine import close_the_doors, confine
from .output import Record, Summary, write_records
from .refusal import Refusal
from .sheet import SheetWish, read_workbook
from .text import TextWish, read_text, unzip
from .texts import unpack


def main() -> None:
    """Read one file under limits and answer with a summary or a refusal."""
    request = json.loads(sys.argv[1])
    limits = Limits(**request["limits"])
    confine(limits)
    gc.disable()  # one short life without cycles: looking for them costs a fifth of the time
    # Codecs load on first use, and after the doors are closed no module file can be opened.
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16-le", "utf-16-be", "cp437"):
        "".encode(encoding)
    source: BinaryIO = os.fdopen(0, "rb")
    with (
        os.fdopen(1, "wb") as out,
        os.fdopen(request["scratch"], "w+b") as scratch,
        os.fdopen(request["answer"], "wb") as answer,
    ):
        close_the_doors()
        answer.write(json.dumps(_read(request, source, scratch, out, limits)).encode())


def _read(
    request: dict[str, Any], source: BinaryIO, scratch: BinaryIO, out: BinaryIO, limits: Limits
) -> dict[str, Any]:
    try:
        summary, records = _open(request, source, scratch, limits)
        write_records(out, records)
    except Refusal as refusal:
        return {"refused": refusal.code, "facts": refusal.facts}
    except (MemoryError, RecursionError):
        return {"refused": "too_costly", "facts": {}}
    if not summary.rows:
        return {"refused": "no_rows", "facts": {}}
    return {"summary": asdict(summary)}


def _open(
    request: dict[str, Any], source: BinaryIO, scratch: BinaryIO, limits: Limits
) -> tuple[Summary, Iterator[Record]]:
    wish = request["wish"]
    if request["kind"] == "workbook":
        return read_workbook(source, SheetWish(wish["sheet"]), limits)
    if request["kind"] == "gzip":
        source = unzip(source, scratch, limits)
    elif request["kind"] == "zip":
        source = unpack(
            source, scratch, frozenset(wish["titles"]), tuple(wish["encodings"]), limits
        )
    return read_text(
        source,
        TextWish(
            delimiter=wish["delimiter"],
            quotes=wish["quotes"],
            encodings=tuple(wish["encodings"]),
            titles=frozenset(wish["titles"]),
            markup=wish["markup"],
        ),
        limits,
    )


main()
