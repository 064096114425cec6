"""PDF by typst: the template is ours and fixed, the data goes in as JSON and is never markup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from ops.engines.documents.typesetting import typeset
from ops.engines.kernel.parse import BUSINESS_ZONE
from ops.engines.reports.choices import Standing
from ops.engines.reports.content import Part, Progress
from ops.engines.reports.errors import ReportTooLong
from ops.engines.reports.render.folding import GAP, UNIT, lay, pages
from ops.engines.reports.render.sheet import Sheet
from ops.engines.reports.values import is_number, shown

MOST_ROWS = 20_000
TAGGED_ROWS = 1_000  # past this, tables lose their structure and keep time and memory bounded
_TEMPLATE = Path(__file__).with_name("table.typ")


def write_pdf(path: Path, sheet: Sheet, parts: Iterator[Part], progress: Progress) -> None:
    """Write a report as PDF: title, standing, page numbers, numbers flush right.

    Raises ReportTooLong past 20,000 rows.
    """
    data = _document(sheet, parts, progress)
    is_short = not any(part["pages"] for part in data["parts"])
    path.write_bytes(typeset(_TEMPLATE, data, is_tagged=is_short))


def _document(sheet: Sheet, parts: Iterator[Part], progress: Progress) -> dict[str, Any]:
    held = list(_tables(parts, progress))
    is_long = sum(len(table["rows"]) for table in held) > TAGGED_ROWS
    papers = [lay(table["heads"], table["numbers"], table["rows"]) for table in held]
    size = min((paper.size for paper in papers), default=8.0)
    is_landscape = any(paper.is_landscape for paper in papers)
    for table, paper in zip(held, papers, strict=True):
        same = replace(paper, size=size, is_landscape=is_landscape)
        table["widths"] = paper.widths
        table["pages"] = pages(table["heads"], same, table["rows"]) if is_long else []
        table["rows"] = [] if is_long else table["rows"]
    day = timezone.localtime(sheet.cut_off_at, BUSINESS_ZONE)
    return {
        "title": sheet.title,
        "period": sheet.period,
        "lang": (translation.get_language() or "zh-hans").partition("-")[0],
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "band": sheet.band,
        "digest": f"sha256 {sheet.digest}",
        "facts": [sheet.period, sheet.band, _cut_off(sheet), _rows_text(sheet.rows)],
        "provisional": sheet.standing == Standing.PROVISIONAL,
        "nothing": _("No rows."),
        "landscape": is_landscape,
        "size": size,
        "unit": UNIT,
        "gap": GAP,
        "parts": held,
    }


def _tables(parts: Iterator[Part], progress: Progress) -> Iterator[dict[str, Any]]:
    count = 0
    for part in parts:
        rows, makers = [], [shown(column.kind) for column in part.columns]
        for row in part.rows:
            count += 1
            if count > MOST_ROWS:
                raise ReportTooLong(
                    "reports.pdf_rows",
                    _("A PDF holds at most %(most)s rows; take XLSX or CSV.") % {"most": MOST_ROWS},
                )
            rows.append([make(value) for make, value in zip(makers, row, strict=True)])
        progress(count)
        yield {
            "title": part.title if part.key else "",
            "heads": [str(column.title) for column in part.columns],
            "numbers": [is_number(column.kind) for column in part.columns],
            "rows": rows,
        }


def _cut_off(sheet: Sheet) -> str:
    local = timezone.localtime(sheet.cut_off_at, BUSINESS_ZONE)
    return _("Cut-off %(moment)s") % {"moment": formats.date_format(local, "Y-m-d H:i")}


def _rows_text(rows: int) -> str:
    return _("%(rows)s rows") % {"rows": rows}
