"""What outside sources refuse, each refusal once."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import BadInput, Conflict, NotFound


class SourceMissing(NotFound):
    """No such source or file, or outside this actor's scope."""

    def __init__(self, key: object) -> None:
        super().__init__("sources.missing", _("There is no such source."), key=key)


class SourceTaken(Conflict):
    """A source of this code is there already."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "sources.code_taken",
            _("There is a source of this code already: %(code)s.") % {"code": code},
            field="code",
        )


class SourceClosed(Conflict):
    """The source was closed: it takes no files and owes no figures."""

    def __init__(self) -> None:
        super().__init__("sources.closed", _("This source is closed."))


class InboxFull(Conflict):
    """So many files wait already that the job must read them first."""

    def __init__(self, most: int) -> None:
        super().__init__(
            "sources.inbox_full",
            _("%(most)s files wait already: the next run reads them.") % {"most": most},
            most=most,
        )


def bad(field: str, code: str, words: object) -> BadInput:
    """Return the refusal of one field."""
    return BadInput(f"sources.{code}", str(words), field=field)
