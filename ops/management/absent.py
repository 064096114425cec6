"""What a command of the contract answers while its part is not built: plainly, with exit 1."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _


class AbsentCommand(BaseCommand):
    """A command whose name is promised and whose work is not there yet."""

    part = ""

    def run_from_argv(self, argv: list[str]) -> None:
        """Take any arguments: whatever was asked, the answer is the same."""
        self.handle(as_json="--json" in argv)

    def handle(self, *_args: Any, as_json: bool = False, **_options: Any) -> None:
        """Say that this part is not available."""
        words = _("Not available in this version: %(part)s.") % {"part": self.part}
        if as_json:
            self.stdout.write(json.dumps({"available": False, "detail": words}, ensure_ascii=False))
        else:
            self.stderr.write(words)
        raise SystemExit(1)
