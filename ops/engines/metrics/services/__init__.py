"""The write doors of metrics: values, targets, cases of figures out of range."""

from ops.engines.metrics.services.anomalies import close, explain, report, scan
from ops.engines.metrics.services.targets import set_target
from ops.engines.metrics.services.values import refresh, store, store_query

__all__ = [
    "close",
    "explain",
    "refresh",
    "report",
    "scan",
    "set_target",
    "store",
    "store_query",
]
