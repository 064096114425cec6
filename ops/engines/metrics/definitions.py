"""The metric dictionary: one definition, one owner, one version in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import DataClass, carry, class_of, may_read, require_readable
from ops.engines.kernel.policy import Policy, declare
from ops.engines.metrics.choices import Direction, MetricKind
from ops.engines.metrics.errors import MetricUnknown
from ops.engines.metrics.types import Limit, Query

Text = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What a figure means, who answers for it, and where its rows can be seen.

    `formula` is the definition in words; `version` grows when the words change, and values keep
    the version they were computed by. `query` is how they are computed. `scope` is the dimension
    that object scopes narrow (such as channel), `dimensions` are all it is stored by; `drill`
    names the report of its rows, or is a path with {period} and {member}.
    """

    key: str
    title: Text
    unit: Text
    owner_role: str
    formula: Text
    policy: Policy
    version: int = 1
    kind: MetricKind = MetricKind.SUM
    numerator: Text = ""
    denominator: Text = ""
    scope: str = ""
    drill: str = ""
    places: int = 2
    clauses: tuple[str, ...] = ()
    direction: Direction = Direction.NONE
    dimensions: tuple[str, ...] = ()
    query: Query | None = None
    limits: tuple[Limit, ...] = ()
    data: DataClass = DataClass.INTERNAL

    def is_for(self, actor: Actor | None) -> bool:
        """Say whether the actor may see the figures: the right, and the class of what they tell."""
        return self.policy.allows(actor) and may_read(self.data, actor)

    def require(self, actor: Actor | None) -> None:
        """Raise Forbidden unless the actor may see the figures."""
        self.policy.require(actor)
        require_readable(self.data, actor)

    @property
    def value_kind(self) -> str:
        """Return how screens write a value: a share of the whole as per cent."""
        return "pct" if self.places == 6 else "money" if self.places else "number"

    def drill_link(self, *, period: str, dimension: str = "", member: str = "") -> str:
        """Return the report address whose rows sum to the figure; empty when none is declared."""
        if not self.drill:
            return ""
        if self.drill.startswith("/"):
            lacks = "{member}" in self.drill and not member
            written = self.drill.replace("{period}", period).replace("{member}", member)
            return "" if lacks else written
        narrowed = f"&{dimension}={member}" if dimension else ""
        return f"/reports/{self.drill}/?period={period}{narrowed}"


_metrics: dict[str, Metric] = {}


def define(
    key: str,
    title: Text,
    unit: Text,
    owner_role: str,
    formula: Text,
    *,
    policy: Policy,
    version: int = 1,
    kind: MetricKind = MetricKind.SUM,
    parts: tuple[Text, Text] = ("", ""),
    scope: str = "",
    drill: str = "",
    places: int = 2,
    clauses: tuple[str, ...] = (),
    direction: Direction = Direction.NONE,
    dimensions: tuple[str, ...] = (),
    query: Query | None = None,
    limits: tuple[Limit, ...] = (),
    data: DataClass = DataClass.INTERNAL,
) -> Metric:
    """Enter one metric into the dictionary; `parts` names numerator and denominator of a ratio.

    `data` is the class of what the figure gives away where its key does not say it (`gross_margin`
    is a cost by its name); who may not read that class may not read the metric.

    Raises TypeError for a missing policy, ValueError for a second definition of the key or a
    ratio without parts.
    """
    if key in _metrics:
        raise ValueError(f"metric {key} is defined twice")
    if (kind is MetricKind.RATIO) != all(map(str, parts)):
        raise ValueError(f"metric {key}: exactly a ratio names its two parts")
    declare("metric", key, policy)
    held = carry("metric", key, [data, class_of(key)])
    _metrics[key] = Metric(
        key=key,
        title=title,
        unit=unit,
        owner_role=owner_role,
        formula=formula,
        policy=policy,
        version=version,
        kind=kind,
        numerator=parts[0],
        denominator=parts[1],
        scope=scope,
        drill=drill,
        places=places,
        clauses=clauses,
        direction=direction,
        dimensions=tuple(dict.fromkeys([*([scope] if scope else []), *dimensions])),
        query=query,
        limits=limits,
        data=held,
    )
    return _metrics[key]


def metric_named(key: str) -> Metric:
    """Return one definition.

    Raises MetricUnknown.
    """
    if key not in _metrics:
        raise MetricUnknown(
            "metrics.unknown", _("There is no metric named %(key)s.") % {"key": key[:60]}
        )
    return _metrics[key]


def dictionary() -> Mapping[str, Metric]:
    """Return every definition by key, for the dictionary page and the reference."""
    return MappingProxyType(_metrics)
