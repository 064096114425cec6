"""What somebody asked for, checked against the declaration: the one place rights are judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash, plain
from ops.engines.kernel.classified import may_read, require_readable
from ops.engines.kernel.errors import Forbidden
from ops.engines.reports import periods
from ops.engines.reports.declarations import Declared, Report, report_named
from ops.engines.reports.errors import WrongQuestion
from ops.engines.reports.types import ReportQuery

Scopes = Mapping[str, frozenset[int] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A question that may be asked: whose figures, for which days, narrowed to what."""

    declared: Declared
    period: periods.Period
    params: Mapping[str, str]
    scopes: Scopes

    @property
    def key(self) -> str:
        """Return what makes two questions the same: the versions of one key follow each other."""
        return content_hash(
            {
                "name": self.declared.name,
                "period": self.period.text,
                "params": self.params,
                "scopes": plain_scopes(self.scopes),
            }
        )

    @property
    def scope_key(self) -> str:
        """Return the hash of the scopes alone."""
        return content_hash(plain_scopes(self.scopes))

    def query(self, *, actor: Actor, at: dt.datetime) -> ReportQuery:
        """Return the question as the query function gets it, parameters parsed."""
        readers = self.declared.params
        return ReportQuery(
            period=self.period,
            actor=actor,
            at=at,
            params={name: readers[name](text) for name, text in self.params.items()},
            scopes=self.scopes,
        )


def wanted(
    *, name: str, period: str, actor: Actor, params: Mapping[str, str] | None = None
) -> Wanted:
    """Check a question: known report, right held, period and parameters it answers.

    Raises ReportUnknown, Forbidden, BadInput, WrongQuestion.
    """
    declared = report_named(name)
    require(declared, actor)
    scopes = scopes_of(declared, actor)
    asked = periods.parse(period)
    _check_kind(declared, asked)
    return Wanted(
        declared=declared, period=asked, params=_checked(declared, params or {}), scopes=scopes
    )


def require(declared: Declared, actor: Actor) -> None:
    """Refuse who has no right to a report, or may not read the class of data it gives away.

    Raises Forbidden.
    """
    declared.policy.require(actor)
    require_readable(declared.data, actor)


def allows(declared: Declared, actor: Actor) -> bool:
    """Say whether somebody has the right to a report and may read what it gives away."""
    return declared.policy.allows(actor) and may_read(declared.data, actor)


def check_format(declared: Declared, fmt: str) -> None:
    """Raise WrongQuestion unless the report comes in this format."""
    if fmt not in declared.formats:
        raise WrongQuestion(
            "reports.format",
            _("This report comes as %(formats)s.")
            % {"formats": ", ".join(sorted(declared.formats))},
        )


def scopes_of(declared: Declared, actor: Actor) -> dict[str, frozenset[int] | None]:
    """Return the ids each declared scope kind is narrowed to for this actor; None is everywhere.

    Raises Forbidden when the actor's right is limited to some objects and the report (or pack)
    cannot be narrowed to them: its figures would show the others.
    """
    policy = declared.policy
    if not policy.area:
        return dict.fromkeys(declared.scopes)
    if not declared.scopes and actor.scope_ids("", policy.area, policy.right) is not None:
        raise Forbidden(
            "reports.whole_company",
            _("This report shows the whole company; your right is limited to some of it."),
            right=policy.label,
        )
    return {kind: actor.scope_ids(kind, policy.area, policy.right) for kind in declared.scopes}


def plain_scopes(scopes: Scopes) -> dict[str, Any]:
    """Return scopes as stored: kind to sorted ids, null for everywhere."""
    return {kind: None if ids is None else plain(ids) for kind, ids in scopes.items()}


def stored_scopes(stored: Mapping[str, Any]) -> dict[str, frozenset[int] | None]:
    """Return stored scopes as they were asked with."""
    return {kind: None if ids is None else frozenset(ids) for kind, ids in stored.items()}


def covers(mine: Scopes, stored: Mapping[str, Any]) -> bool:
    """Say whether figures made for stored scopes show nothing outside mine."""
    for kind, ids in mine.items():
        held = stored.get(kind)
        if ids is not None and (held is None or not ids.issuperset(held)):
            return False
    return True


def as_report(declared: Declared) -> Report:
    """Return a declaration that has figures of its own.

    Raises WrongQuestion for a pack, which only has files.
    """
    if not isinstance(declared, Report):
        raise WrongQuestion("reports.pack", _("A pack has no table of its own; take its ZIP."))
    return declared


def _check_kind(declared: Declared, asked: periods.Period) -> None:
    if asked.kind not in declared.period_kinds:
        raise WrongQuestion(
            "reports.period_kind",
            _("This report is made for these periods: %(kinds)s.")
            % {"kinds": ", ".join(sorted(declared.period_kinds))},
        )


def _checked(declared: Declared, params: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters as written, every one known and readable."""
    for name, text in params.items():
        if name not in declared.params:
            raise WrongQuestion(
                "reports.param", _("Unknown parameter: %(name)s.") % {"name": str(name)[:40]}
            )
        declared.params[name](text)
    return {name: str(params[name]) for name in sorted(params)}
