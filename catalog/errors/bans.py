"""Refusals about goods that may stand on no shelf."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ops.engines.kernel.errors import Conflict, NotFound, RuleViolation


class GoodsBanned(RuleViolation):
    """The goods may be sold in no channel."""

    def __init__(self, source: str) -> None:
        super().__init__(
            "catalog.goods_banned",
            _("These goods are banned from every channel (%(source)s). Compliance lifts a ban.")
            % {"source": source},
        )


class BanMissing(NotFound):
    """No ban of these goods stands."""

    def __init__(self) -> None:
        super().__init__("catalog.ban_missing", _("No ban of these goods stands."))


class OwnBan(Conflict):
    """Whoever banned goods does not let them back."""

    def __init__(self) -> None:
        super().__init__("catalog.own_ban", _("Somebody else lifts a ban you gave."))
