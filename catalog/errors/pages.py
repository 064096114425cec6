"""What the catalogue refuses of shop pages."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from catalog.choices.pages import PageKind, TradeStepKind
from ops.engines.kernel.errors import Conflict, NotFound, RuleViolation


class PageMissing(NotFound):
    """No such page, module type or step, or not yours."""

    def __init__(self) -> None:
        super().__init__("catalog.page_missing", _("There is no such page."))


class ModuleTaken(Conflict):
    """Another module type has the code."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "catalog.module_taken",
            _("Module type %(code)s exists already.") % {"code": code},
            field="code",
        )


class ChannelIncomplete(RuleViolation):
    """An own channel opens only with all its pages and guidance texts (SCM-2.4-07, MKT-5.3-10)."""

    def __init__(self, lacking: Sequence[PageKind | TradeStepKind]) -> None:
        names = _(", ").join(str(each.label) for each in lacking)
        super().__init__(
            "catalog.channel_incomplete",
            _("This channel cannot open yet. Nothing is live of: %(names)s") % {"names": names},
            lacking=[str(each.value) for each in lacking],
        )


class PreviewUnreadable(RuleViolation):
    """The picture is not a screenshot at the width that was asked for."""

    def __init__(self, width: int) -> None:
        super().__init__(
            "catalog.preview_width",
            _("This is no PNG of %(width)s pixels in width (or twice or three times that).")
            % {"width": width},
            field="picture",
        )
