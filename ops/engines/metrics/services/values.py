"""Store figures, always as sets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from ops.engines.metrics.choices import MetricKind
from ops.engines.metrics.definitions import Metric, metric_named
from ops.engines.metrics.errors import PartsMissing
from ops.engines.metrics.types import Point

Window = tuple[dt.date, dt.date]

_FROM_ARRAYS = (
    "SELECT * FROM unnest(%s::date[], %s::text[], %s::text[], %s::numeric[], %s::numeric[])"
)
# One statement: rows of the window that the facts no longer support go, the others are replaced.
_STORE = """
WITH source (day, dimension, member, numerator, denominator) AS MATERIALIZED ({source}),
gone AS (
    DELETE FROM metrics_metricvalue v
     WHERE v.metric = %s AND v.version = %s AND v.day BETWEEN %s AND %s
       AND (%s::text[] IS NULL OR v.dimension = ANY (%s::text[]))
       AND NOT EXISTS (SELECT FROM source s WHERE s.day = v.day
                          AND s.dimension = v.dimension AND s.member = v.member)
)
INSERT INTO metrics_metricvalue
       (metric, day, dimension, member, numerator, denominator, version, stored_at)
SELECT %s, day, dimension, member, numerator, denominator, %s, %s FROM source
    ON CONFLICT ON CONSTRAINT metricvalue_once DO UPDATE
   SET numerator = excluded.numerator, denominator = excluded.denominator,
       stored_at = excluded.stored_at
"""
_NO_WINDOW = (dt.date(9999, 1, 2), dt.date(9999, 1, 1))


@dataclass(frozen=True, slots=True)
class _Stale:
    """Which stored values go when the rows no longer hold them."""

    window: Window | None
    dimensions: Sequence[str] | None


def store(
    *,
    key: str,
    rows: Iterable[Point],
    at: dt.datetime,
    window: Window | None = None,
    dimensions: Sequence[str] | None = None,
) -> int:
    """Store the points of one metric and return how many; the same points again change nothing.

    With `window` (two days, both inside) stored values of those days that are not among the rows
    are removed, within `dimensions` when given.
    Raises MetricUnknown, PartsMissing.
    """
    metric = metric_named(key)
    points = list(rows)
    _check_parts(metric, points)
    columns = [
        [p.day for p in points],
        [p.dimension for p in points],
        [p.member for p in points],
        [p.numerator for p in points],
        [p.denominator for p in points],
    ]
    return _write(metric, _FROM_ARRAYS, columns, at, _Stale(window, dimensions))


def store_query(
    *,
    key: str,
    sql: str,
    params: Sequence[Any] = (),
    at: dt.datetime,
    window: Window | None = None,
    dimensions: Sequence[str] | None = None,
) -> int:
    """Store what a query yields: day, dimension, member, numerator, denominator.

    `sql` is a constant of the calling module, values only in `params`. Nothing passes through
    Python. Returns the rows stored; otherwise as `store`.
    """
    return _write(metric_named(key), sql, params, at, _Stale(window, dimensions))


def refresh(
    *, keys: Iterable[str], first: dt.date, last: dt.date, at: dt.datetime
) -> dict[str, int]:
    """Compute metrics of two days, both inside, by their registered queries; rows by key.

    Values of the version in force are replaced; those of former versions stay as they are.
    Raises MetricUnknown, ValueError for a metric that registered no query.
    """
    return {key: _refresh(metric_named(key), first, last, at) for key in keys}


def _refresh(metric: Metric, first: dt.date, last: dt.date, at: dt.datetime) -> int:
    if metric.query is None:
        raise ValueError(f"metric {metric.key} has no registered query")
    given = metric.query.params(first, last)
    return _write(metric, metric.query.sql, given, at, _Stale((first, last), None))


def _write(
    metric: Metric,
    source: str,
    params: Sequence[Any],
    at: dt.datetime,
    stale: _Stale,
) -> int:
    kept = list(stale.dimensions) if stale.dimensions is not None else None
    window = stale.window or _NO_WINDOW
    values = [metric.key, metric.version, *window, kept, kept, metric.key, metric.version, at]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STORE.format(source=source), [*params, *values])
        return int(cursor.rowcount)


def _check_parts(metric: Metric, points: Sequence[Point]) -> None:
    needs = metric.kind is MetricKind.RATIO
    if any((p.denominator is not None) != needs for p in points):
        raise PartsMissing(
            "metrics.parts",
            _("The metric %(key)s was given with the wrong parts.") % {"key": metric.key},
        )
    if any(isinstance(p.numerator, Decimal) and not p.numerator.is_finite() for p in points):
        raise PartsMissing(
            "metrics.finite", _("The metric %(key)s was given no number.") % {"key": metric.key}
        )
