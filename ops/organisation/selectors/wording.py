"""How what holds a conflict of duties reads, on screens and in reports."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ops.engines.desk.states import Badge, Tone

KINDS: Final[Mapping[str, Badge]] = {
    "position": Badge(_("one position carries both; kept apart on each matter"), Tone.NEUTRAL),
    "exception": Badge(_("allowed for a time by two persons"), Tone.RUNNING),
    "open": Badge(_("to be put right"), Tone.STOPPED),
}


def is_chinese() -> bool:
    """Say whether the page is read in Chinese."""
    return (get_language() or "").startswith("zh")
