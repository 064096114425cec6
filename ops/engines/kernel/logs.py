"""One event, one line: what somebody typed cannot begin a line of the log (promise S22)."""

from __future__ import annotations

import logging
import re
import time
from typing import Final

_CONTROLS: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


def one_line(text: str) -> str:
    """Return a text whose control characters and line separators are written out."""
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class OneLine(logging.Formatter):
    """Time in UTC, level, logger, message on one line; a traceback follows indented."""

    converter = time.gmtime  # type: ignore[assignment]

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Write the message without line breaks of its own."""
        record.message = one_line(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802 - the library's name
        """Indent a traceback, so that no line of it reads like an event."""
        return self._indented(super().formatException(ei))  # type: ignore[arg-type]

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - the library's name
        """Indent a stack the same way."""
        return self._indented(super().formatStack(stack_info))

    def _indented(self, text: str) -> str:
        return "\n".join(f"    {one_line(line)}" for line in text.split("\n"))
