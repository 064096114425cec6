"""What the catalogue refuses of searches, each refusal once."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import Conflict, RuleViolation


class SynonymsThere(Conflict):
    """The very same words are heard as one already."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.synonyms_there", _("These words mean the same already."), field="words"
        )


class SynonymsOver(Conflict):
    """The words are no longer heard as one."""

    def __init__(self) -> None:
        super().__init__("catalog.synonyms_over", _("These words are no longer heard as one."))


class MissDecided(Conflict):
    """What was decided about a word of a week stays."""

    def __init__(self) -> None:
        super().__init__("catalog.miss_decided", _("This search is decided already."))


class StillNothing(RuleViolation):
    """A synonym by which still nothing is found helps nobody (SYS-6.2-09)."""

    def __init__(self, word: str) -> None:
        super().__init__(
            "catalog.still_nothing",
            _("%(word)s would still find nothing: name a word by which goods are found.")
            % {"word": word},
            field="words",
        )
