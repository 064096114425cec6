"""The usability checklist of a page version (SYS-6.2-08).

A checklist belongs to one version and is decided with it, under its hash; a sheet is opened on a
day and signed for itself. So it is content, not a sheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.rules.pages import reading
from catalog.types.pages import LineAnswer
from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput
from ops.engines.revisions.choices import Level
from ops.engines.revisions.types import Finding

YES: Final = "yes"
NO: Final = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: answered by yes or no, or by a number that may be at most `most`."""

    key: str
    title: str | Promise
    most: Decimal | None = None
    is_mandatory: bool = True

    def is_met(self, answer: str) -> bool | None:
        """Say whether an answer meets the line; None when there is none."""
        if not answer:
            return None
        return answer == YES if self.most is None else Decimal(answer) <= self.most


LINES: Final[Sequence[Line]] = (
    Line(key="navigation", title=_("From every page one tap leads home and to the categories")),
    Line(key="steps", title=_("Steps from the page to the order (at most 5)"), most=Decimal(5)),
    Line(key="load", title=_("Seconds until the page can be used (at most 3)"), most=Decimal(3)),
    Line(key="layout", title=_("The layout is that of the other pages")),
    Line(key="type", title=_("Type sizes and colours are those of the style guide")),
    Line(key="targets", title=_("What is tapped measures 44 pixels or more")),
    Line(key="words", title=_("Every picture has words for those who cannot see it")),
    Line(
        key="search",
        title=_("The search box is in sight without scrolling"),
        is_mandatory=False,
    ),
)
_BY_KEY: Final = {line.key: line for line in LINES}


def read_answers(sent: Any) -> dict[str, str]:
    """Read the answers by line; an unanswered line is left out. Raises BadInput by line."""
    if not isinstance(sent, Mapping):
        raise BadInput("input.mapping", _("Not a set of fields."), field="checklist")
    reading.known(sent, _BY_KEY, "checklist.")
    made = {}
    for key, line in _BY_KEY.items():
        with reading.at(f"checklist.{key}"):
            if answer := _answer(line, sent.get(key, "")):
                made[key] = answer
    return made


def answers(given: Mapping[str, str]) -> list[LineAnswer]:
    """Return every line with its answer, in order."""
    return [
        LineAnswer(
            key=line.key,
            title=str(line.title),
            is_mandatory=line.is_mandatory,
            answer=given.get(line.key, ""),
            is_met=line.is_met(given.get(line.key, "")),
        )
        for line in LINES
    ]


def failures(given: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the lines that are not met: a mandatory one stops, another is a remark."""
    for line in answers(given):
        if line.is_met is not True:
            yield Finding(
                field=f"checklist.{line.key}",
                code="catalog.checklist_open" if line.is_met is None else "catalog.checklist_fails",
                words=_("Not answered: %(line)s") % {"line": line.title}
                if line.is_met is None
                else _("Not met: %(line)s") % {"line": line.title},
                level=Level.STOP if line.is_mandatory else Level.NOTE,
            )


def _answer(line: Line, given: Any) -> str:
    if given in ("", None):
        return ""
    if line.most is not None:
        return str(parse.money(given, places=1))
    if given not in (YES, NO):
        raise BadInput("input.choice", _("Please choose one of the list."))
    return str(given)
