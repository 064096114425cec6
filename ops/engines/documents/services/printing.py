"""Print one business document: the app says what stands on it, the engine sets and seals it."""

from __future__ import annotations

import datetime as dt

import segno
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.documents import code128
from ops.engines.documents.papers import Paper, PaperTable, form_named
from ops.engines.documents.types import PrintedFile
from ops.engines.documents.typesetting import typeset
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash
from ops.engines.kernel.parse import BUSINESS_ZONE


def print_document(
    *, form: str, pk: int, origin: str = "", actor: Actor, at: dt.datetime
) -> PrintedFile:
    """Return the PDF of a document, whose footer shows the digest of what it says.

    The QR code carries `origin` and the record's path, the barcode the document's number. That it
    was printed is on record. Raises FormUnknown, Forbidden, and what the app's `load` raises.
    """
    declared = form_named(form)
    declared.policy.require(actor)
    paper = declared.load(pk, actor, at)
    told = _told(str(declared.title), paper)
    digest = content_hash(told)
    data = {
        **told,
        **_codes(paper, origin),
        "lang": (translation.get_language() or "zh-hans").partition("-")[0],
        **{key: getattr(at.astimezone(BUSINESS_ZONE), key) for key in ("year", "month", "day")},
        "digest": f"sha256 {digest}",
        "printed": _("Printed %(moment)s by %(name)s")
        % {
            "moment": f"{timezone.localtime(at, BUSINESS_ZONE):%Y-%m-%d %H:%M}",
            "name": actor.name,
        },
        "nothing": _("No rows."),
    }
    made = typeset(declared.template, data)
    with transaction.atomic():
        audit.record(
            actor=actor,
            at=at,
            action="documents.printed",
            obj=(f"documents.{form}", pk),
            body={"number": paper.number, "digest": digest},
        )
    return PrintedFile(data=made, file_name=f"{form}_{paper.number}.pdf", digest=digest)


def _told(title: str, paper: Paper) -> dict[str, object]:
    """Return what the paper says, without what differs from print to print."""
    return {
        "title": title,
        "number": paper.number,
        "state": paper.state,
        "facts": [[str(label), value] for label, value in paper.facts],
        "tables": [_table(table) for table in paper.tables],
        "notes": list(paper.notes),
        "signatures": [str(name) for name in paper.signatures],
    }


def _table(table: PaperTable) -> dict[str, object]:
    return {
        "title": str(table.title),
        "heads": [str(column.title) for column in table.columns],
        "shares": [column.share for column in table.columns],
        "numbers": [column.is_number for column in table.columns],
        "rows": [list(row) for row in table.rows],
        "total": list(table.total),
    }


def _codes(paper: Paper, origin: str) -> dict[str, object]:
    bars = code128.bars(paper.number)
    matrix = [list(row) for row in segno.make(f"{origin}{paper.path}", error="m").matrix]
    return {
        "bars": list(bars),
        "modules": sum(bars),
        "qr": [run for y, row in enumerate(matrix) for run in _runs(row, y)],
        "qr_size": len(matrix),
    }


def _runs(row: list[int], y: int) -> list[list[int]]:
    """Return the dark stretches of one row of a QR code as [column, row, length]."""
    runs: list[list[int]] = []
    for x, dark in enumerate(row):
        if dark and runs and runs[-1][0] + runs[-1][2] == x:
            runs[-1][2] += 1
        elif dark:
            runs.append([x, y, 1])
    return runs
