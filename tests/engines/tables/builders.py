"""Files made by hand, part by part, so that each can be wrong in one known way."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/></Types>'
)
ROOT_RELS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_DOC}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)
BOOK_RELS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_DOC}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_DOC}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId3" Type="{_DOC}/sharedStrings" Target="sharedStrings.xml"/>'
    "</Relationships>"
)
# Formats: 0 general, 1 date (14), 2 date and time (22), 3 a pattern of our own.
STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="165" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d"/>'
    '</numFmts><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/>'
    '<xf numFmtId="165"/></cellXfs></styleSheet>'
)


def book_xml(sheets: str = '<sheet name="S" sheetId="1" r:id="rId1"/>', *, props: str = "") -> str:
    """Return xl/workbook.xml."""
    start = f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}">'
    return f"{start}{props}<sheets>{sheets}</sheets></workbook>"


def sheet_xml(rows: str, *, before: str = "", after: str = "", start: str = _XML) -> str:
    """Return a worksheet part around rows."""
    data = f"<sheetData>{rows}</sheetData>"
    return f'{start}<worksheet xmlns="{_MAIN}">{before}{data}{after}</worksheet>'


def strings_xml(*texts: str) -> str:
    """Return the shared strings."""
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return f'{_XML}<sst xmlns="{_MAIN}">{items}</sst>'


def row(number: int, *cells: str) -> str:
    """Return one row of ready cells."""
    return f'<row r="{number}">{"".join(cells)}</row>'


def text(reference: str, value: str) -> str:
    """Return a cell of inline text."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{value}</t></is></c>'


def number(reference: str, value: str, style: int | None = None) -> str:
    """Return a number cell."""
    style_part = "" if style is None else f' s="{style}"'
    return f'<c r="{reference}"{style_part}><v>{value}</v></c>'


HEADER = row(1, text("A1", "sku"), text("B1", "qty"))


def parts(sheet: str, **others: str) -> dict[str, str | bytes]:
    """Return the parts of a minimal workbook; keyword `workbook`, `styles` and so on replace."""
    return {
        "[Content_Types].xml": others.get("types", TYPES),
        "_rels/.rels": ROOT_RELS,
        "xl/workbook.xml": others.get("workbook", book_xml()),
        "xl/_rels/workbook.xml.rels": others.get("rels", BOOK_RELS),
        "xl/styles.xml": others.get("styles", STYLES),
        "xl/sharedStrings.xml": others.get("strings", strings_xml("alpha", "beta")),
        "xl/worksheets/sheet1.xml": sheet,
    }


def packed(content: Mapping[str, str | bytes]) -> bytes:
    """Zip parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return out.getvalue()


def workbook(rows: str, **others: str) -> bytes:
    """Return a workbook with these rows below the header sku, qty."""
    return packed(parts(sheet_xml(HEADER + rows), **others))
