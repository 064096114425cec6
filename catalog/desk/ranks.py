"""What search words and ranks put on the desk (CAT-4.3-14)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ops.engines.desk.screens import NavEntry, nav, word_actions
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import may

nav(
    NavEntry(
        key="search_ranks", title=_("Search words and ranks"), url_name="catalog:search_ranks",
        policy=may("catalog", "V"), roles=(Role.EDITOR, Role.OPERATIONS_SPECIALIST), order=47,
        icon="chart", group=_("Goods and prices"),
    )
)  # fmt: skip
word_actions({"catalog.search_ranks_taken": _("took over search ranks")})
