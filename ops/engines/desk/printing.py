"""A decided request on paper: what was asked, with which figures, who decided what and why."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import noto_cjk_sans_otc
import typst
from django.utils import translation
from django.utils.translation import gettext as _

from ops.engines.approvals.choices import RequestState, Verdict
from ops.engines.approvals.types import DecisionInfo, RequestDetail
from ops.engines.desk import approving, formats
from ops.engines.desk.cells import Lines
from ops.engines.desk.decisions import DecisionPage, decider_name
from ops.engines.desk.words import role_name

_TEMPLATE: Final = Path(__file__).with_name("decision.typ")
_FONTS: Final = Path(noto_cjk_sans_otc.__file__).parent


def printed(
    detail: RequestDetail, page: DecisionPage, *, printed_by: str, at: dt.datetime
) -> bytes:
    """Return a request as PDF. The template is ours and fixed; the data is never markup."""
    data = _document(detail, page, printed_by=printed_by, at=at)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        shutil.copy(_TEMPLATE, place / "decision.typ")
        (place / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        made = typst.compile(
            str(place / "decision.typ"),
            root=folder,
            format="pdf",
            font_paths=[str(_FONTS)],
            ignore_system_fonts=True,
            sys_inputs={"data": "data.json"},
        )
    return bytes(made)


def _document(
    detail: RequestDetail, page: DecisionPage, *, printed_by: str, at: dt.datetime
) -> dict[str, Any]:
    info = detail.request
    day = formats.day(at)
    return {
        "title": f"{detail.flow_title} {info.number}",
        "lang": (translation.get_language() or "zh-hans").partition("-")[0],
        "year": at.year,
        "month": at.month,
        "day": at.day,
        "state": str(RequestState(info.state).label),
        "sentence": page.sentence,
        "facts": [
            [_("Requester"), info.requester_name],
            [_("Handed in"), formats.moment(info.submitted_at)],
            [_("Closed"), formats.moment(info.closed_at) if info.closed_at else formats.MISSING],
        ],
        "parts": [
            _pairs(_("Content"), page.content),
            *(_table(lines, at) for lines in page.lines),
            _pairs(_("Figures"), page.figures),
            *(_table(lines, at) for lines in page.behind),
            _decisions(detail.decisions),
            _thread(detail),
        ],
        "digest": f"sha256 {info.content_hash}",
        "printed": _("Printed %(day)s by %(name)s") % {"day": day, "name": printed_by},
        "nothing": _("Nothing."),
    }


def _pairs(title: str, figures: Sequence[approving.Figure]) -> dict[str, Any]:
    return {
        "title": title,
        "heads": [],
        "numbers": [False, True],
        "rows": [[str(figure.title), figure.text] for figure in figures],
    }


def _table(lines: Lines, at: dt.datetime) -> dict[str, Any]:
    return {
        "title": str(lines.title),
        "heads": [str(column.title) for column in lines.columns],
        "numbers": [column.is_right for column in lines.columns],
        "rows": [[cell.text for cell in cells] for cells in lines.shown(at)],
    }


def _decisions(made: Sequence[DecisionInfo]) -> dict[str, Any]:
    return {
        "title": _("Decisions"),
        "heads": [_("Who"), _("Position"), _("Said"), _("When"), _("Words"), _("Proof")],
        "numbers": [False] * 6,
        "rows": [
            [
                decider_name(decision),
                role_name(decision.role),
                str(Verdict(decision.verdict).label),
                formats.moment(decision.at),
                decision.opinion,
                _proof(decision),
            ]
            for decision in made
        ],
    }


def _proof(decision: DecisionInfo) -> str:
    if decision.is_signed:
        return _("passkey signature")
    return _("one-time code") if decision.is_proved else ""


def _thread(detail: RequestDetail) -> dict[str, Any]:
    said = [(q.asked_at, q.asked_by, q.question) for q in detail.questions]
    said += [
        (q.answered_at, detail.request.requester_name, q.answer)
        for q in detail.questions
        if q.answered_at is not None
    ]
    said += [(c.at, c.person_name, c.text) for c in detail.comments]
    return {
        "title": _("Questions and comments"),
        "heads": [_("When"), _("Who"), _("Words")],
        "numbers": [False] * 3,
        "rows": [[formats.moment(at), who, words] for at, who, words in sorted(said)],
    }
