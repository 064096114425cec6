"""Why a festival is not written."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ops.engines.kernel.errors import Conflict, NotFound, RuleViolation


class FestivalMissing(NotFound):
    """There is no such festival."""

    def __init__(self, festival_id: int) -> None:
        super().__init__(
            "catalog.festival_missing", _("There is no such festival."), festival_id=festival_id
        )


class FestivalTaken(Conflict):
    """The festival stands in the calendar from that day already."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "catalog.festival_taken",
            _("“%(name)s” stands in the calendar from that day already: change it there.")
            % {"name": name},
            field="starts_on",
        )


class FestivalDaysWrong(RuleViolation):
    """The last day lies before the first."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.festival_days_wrong",
            _("The last day must not lie before the first."),
            field="ends_on",
        )
