"""Reports on access: pairs of duties that meet in one person, and the reviews of rights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from ops.engines.identity import selectors
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import only
from ops.engines.reports.declarations import report
from ops.engines.reports.types import ReportQuery
from ops.engines.tables.writer import Column
from ops.organisation.choices import Verdict
from ops.organisation.selectors import reviewing
from ops.organisation.selectors.wording import KINDS, is_chinese

_READERS = (Role.AUDITOR, Role.COMPLIANCE_OFFICER)


@report(
    "duty_conflicts",
    title=_("Conflicts of duties"),
    columns=(
        Column("person", _("Person")),
        Column("rule", _("Rule")),
        Column("one", _("Duty")),
        Column("other", _("Opposite duty")),
        Column("positions", _("Through")),
        Column("kind", _("Held by")),
    ),
    policy=only(*_READERS),
    cadence="monthly",
    audience=_READERS,
    clauses=("FIN-7.3-03", "FIN-7.3-07"),
    key=("person", "rule"),
    about=_("Every pair of opposite duties whose both sides one person holds, now."),
    drill={"person": lambda row, query: f"/people/?{urlencode({'q': row['person']})}"},
)
def duty_conflicts(query: ReportQuery) -> Iterator[tuple[Any, ...]]:
    """Yield one row per person and pair."""
    for each in selectors.conflicts(at=query.at):
        yield (
            each.person,
            each.rule,
            each.one_zh if is_chinese() else each.one_en,
            each.other_zh if is_chinese() else each.other_en,
            each.positions,
            str(KINDS[each.kind].label),
        )


@report(
    "access_review",
    title=_("Access review"),
    columns=(
        Column("period", _("Quarter")),
        Column("person", _("Person")),
        Column("right", _("Right")),
        Column("reviewer", _("To be answered by")),
        Column("verdict", _("Verdict")),
        Column("reason", _("Reason")),
        Column("decided_by", _("Answered by")),
        Column("decided_at", _("Answered at"), "datetime"),
        Column("signature", _("Signature")),
    ),
    policy=only(*_READERS),
    cadence="quarterly",
    audience=_READERS,
    clauses=("SYS-6.3-02", "FIN-7.3-03"),
    about=_("Every right asked about in the period, who answered, and what lapsed."),
)
def access_review(query: ReportQuery) -> Iterator[tuple[Any, ...]]:
    """Yield one row per right of the reviews opened in the period."""
    found = reviewing.all_lines().filter(
        review__opened_at__date__gte=query.period.first,
        review__opened_at__date__lte=query.period.last,
    )
    for line in found.iterator(chunk_size=2000):
        yield (
            line.review.period,
            line.person.name,
            line.right_zh if is_chinese() else line.right_en,
            line.reviewer.name if line.reviewer else "",
            str(Verdict(line.verdict).label),
            line.reason,
            line.decided_by.name if line.decided_by else "",
            line.decided_at,
            line.signature,
        )
