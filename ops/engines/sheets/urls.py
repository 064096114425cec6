"""Addresses of sheets in the API; the screens stand in the shell."""

from ops.engines.sheets.api import CaseViewSet, SheetViewSet

api = [
    ("sheets", SheetViewSet, "sheet"),
    ("sheets/cases", CaseViewSet, "sheet-case"),
]
