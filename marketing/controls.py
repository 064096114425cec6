"""What keeps the clauses of watching figures, and when it last left a trace."""

from __future__ import annotations

from ops.engines.controls.declaring import control
from ops.engines.metrics.selectors import newest_case

control("HR-1.2-18", "job", "metric_anomaly_scan", newest_case)
control("HR-1.2-18", "constraint", "anomaly_explained_in_full", newest_case)
control("HR-1.2-18", "constraint", "anomaly_closed_with_reason", newest_case)
control("SYS-6.4-02", "job", "metric_anomaly_scan", newest_case)
