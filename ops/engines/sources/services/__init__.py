"""The doors of outside sources."""

from .keeping import change_terms, close_source, open_source
from .sending import send_file
from .taking import take_waiting

__all__ = ["change_terms", "close_source", "open_source", "send_file", "take_waiting"]
