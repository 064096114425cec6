"""The write doors of sheets: open, fill in, sign, put right, change what is asked."""

from ops.engines.sheets.services.cases import close_case, remedy_case
from ops.engines.sheets.services.filling import answer, attach
from ops.engines.sheets.services.opening import open_one, open_sheets
from ops.engines.sheets.services.signing import send_back, sign, void
from ops.engines.sheets.services.versions import propose_version
from ops.engines.sheets.services.watching import watch

__all__ = [
    "answer",
    "attach",
    "close_case",
    "open_one",
    "open_sheets",
    "propose_version",
    "remedy_case",
    "send_back",
    "sign",
    "void",
    "watch",
]
