"""A check or form on paper: entries, hands, cases and sample as PDF, under their hash."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ops.engines.desk import checks, formats
from ops.engines.desk.base import Screen
from ops.engines.desk.words import role_name
from ops.engines.identity import selectors as identity
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.reports.choices import Standing
from ops.engines.reports.content import Part
from ops.engines.reports.render.pdf import write_pdf
from ops.engines.reports.render.sheet import Sheet as Paper
from ops.engines.sheets import selectors
from ops.engines.sheets.choices import DONE, CaseState
from ops.engines.sheets.models import Case
from ops.engines.sheets.types import SheetDetail
from ops.engines.tables.writer import Column


class PrintSheet(Screen):
    """`/sheets/<id>/print/`: the sheet as PDF; unsigned ones say that they are provisional."""

    policy = SIGNED_IN

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make the file from what stands on the sheet now."""
        del request
        detail = selectors.detail(sheet_id=pk, actor=self.actor)
        cases = list(Case.objects.filter(sheet_id=pk).order_by("pk"))
        parts = list(_parts(detail, cases))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sheet.pdf"
            write_pdf(path, _paper(detail, self.at), iter(parts), lambda _rows: None)
            data = path.read_bytes()
        answer = HttpResponse(data, content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="{detail.sheet.number}.pdf"'
        return answer


def _paper(detail: SheetDetail, at: dt.datetime) -> Paper:
    is_signed = detail.sheet.state in DONE
    title = f"{detail.title} {detail.scope_name} {detail.sheet.number}"
    return Paper(
        title=" ".join(title.split()),
        period=detail.sheet.period,
        standing=Standing.SEALED if is_signed else Standing.PROVISIONAL,
        version=detail.version,
        cut_off_at=detail.sheet.signed_at or at,
        rows=len(detail.items),
        digest=detail.current_hash,
    )


def _parts(detail: SheetDetail, cases: list[Case]) -> Iterator[Part]:
    people = {each.person_id for each in detail.answers.values()}
    names = identity.person_names(people | {each.person_id for each in detail.signatures})
    yield _part(
        "entries",
        _("Entries"),
        [_("Item"), _("Answer"), _("Note"), _("By"), _("At")],
        [
            (
                str(line.item.title),
                line.text,
                line.answer.note if line.answer else "",
                line.name,
                formats.moment(line.answer.at) if line.answer else "",
            )
            for line in checks.answer_rows(detail, names)
        ],
    )
    yield _part(
        "hands",
        _("Signatures"),
        [_("Position"), _("Name"), _("At"), _("Content hash")],
        [
            (
                role_name(each.role),
                names.get(each.person_id, ""),
                formats.moment(each.at),
                each.content_hash[:16],
            )
            for each in detail.signatures
        ],
    )
    items = {item.key: str(item.title) for item in detail.items}
    if cases:
        yield _part(
            "cases",
            _("Cases"),
            [_("Number"), _("Item"), _("What was found"), _("State"), _("What was done")],
            [
                (
                    case.number,
                    items.get(case.item, case.item),
                    case.found,
                    str(CaseState(case.state).label),
                    case.remedy,
                )
                for case in cases
            ],
        )
    if detail.sample:
        sample = [(each,) for each in detail.sample]
        yield _part("sample", _("Drawn sample"), [_("Record")], sample)


def _part(key: str, title: str, heads: list[str], rows: list[tuple[Any, ...]]) -> Part:
    columns = tuple(Column(f"c{n}", head) for n, head in enumerate(heads))
    return Part(key, title, columns, iter(rows))
