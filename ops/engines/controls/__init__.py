"""Controls: clause by clause, what keeps it and when it last left evidence."""

from ops.engines.controls.declaring import (
    ClauseStatus,
    Control,
    ControlKind,
    ControlStatus,
    control,
    controls,
    status,
)

__all__ = [
    "ClauseStatus",
    "Control",
    "ControlKind",
    "ControlStatus",
    "control",
    "controls",
    "status",
]
