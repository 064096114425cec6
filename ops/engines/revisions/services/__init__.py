"""The write doors of revisions: draft, edit, hand in, take back, publish, bring back, retire."""

from ops.engines.revisions.services.drafting import discard, draft, edit
from ops.engines.revisions.services.living import restore, retire
from ops.engines.revisions.services.many import draft_each
from ops.engines.revisions.services.submitting import (
    give_way,
    publish,
    submit,
    take_back,
    withdraw,
)
from ops.engines.revisions.services.takeover import open_as_history

__all__ = [
    "discard",
    "draft",
    "draft_each",
    "edit",
    "give_way",
    "open_as_history",
    "publish",
    "restore",
    "retire",
    "submit",
    "take_back",
    "withdraw",
]
