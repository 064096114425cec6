"""What buyers say in a channel: a file of reviews, one a row (HR-1.2-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.choices.feedback import FeedbackSource
from catalog.imports.offers import channel_id_of, channel_scope, named
from catalog.rules import feedback as rules
from catalog.selectors import codes
from catalog.services import feedback
from catalog.types.feedback import FeedbackDraft
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import canonical_json
from ops.engines.kernel.errors import BadInput
from ops.engines.tables.intake import Intake, Reject, Row
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo, LoadResult

Text = str | Promise


def _rating(text: str) -> int:
    """Read a rating from 1 to 5."""
    stars = parse.quantity(text, least=1)
    if stars > 5:
        raise BadInput("catalog.feedback_rating", _("A rating is 1 to 5."))
    return stars


REVIEWS: Final = Profile(
    "product_feedback",
    _("Feedback on products, one word of a buyer a row"),
    columns=(
        Column("sku", headers=("sku", "code", "商品编码", "渠道编码"), parse=parse.code),
        Column("text", headers=("text", "review", "评价内容", "评价", "内容"),
               parse=partial(parse.text, most=rules.MOST_TEXT, least=1, lines=True), personal=True),
        Column("rating", headers=("rating", "stars", "评分", "星级"), parse=_rating,
               required=False),
        Column("reference", headers=("reference", "order_no", "订单编号", "评价编号"),
               parse=partial(parse.text, most=rules.MOST_REFERENCE), required=False, personal=True),
        Column("received_at", headers=("received_at", "评价时间", "时间"),
               parse=partial(parse.moment, zone=parse.BUSINESS_ZONE), required=False),
    ),
    personal=True,
)  # fmt: skip


def load_feedback(
    batch: BatchInfo, intake: Intake, *, actor: Actor, at: dt.datetime, options: Mapping[str, Any]
) -> LoadResult:
    """Take what was said in a channel (option `channel`); the same word is kept once.

    Codes are the channel's own, else ours. A row that holds what reaches a person is refused; what
    was said is repeated in no reject, and the file is not kept.
    """
    del batch
    channel_id = channel_id_of(options)
    rejects: list[Reject] = []
    rows = list(intake.rows())
    given = {row.values["sku"] for row in rows}
    known = codes.skus_by_code(codes=given) | codes.skus_by_external(
        channel_id=channel_id, codes=given
    )
    drafts = []
    for row in named(rows, known, rejects):
        why = _refusal(row, at)
        if why is not None:
            rejects.append(why)
            continue
        values = row.values
        said = [channel_id, known[values["sku"]], values["text"], values["reference"] or ""]
        drafts.append(
            FeedbackDraft(
                channel_id=channel_id,
                sku_id=known[values["sku"]],
                source=FeedbackSource.FILE,
                reference=values["reference"] or "",
                text=values["text"],
                rating=values["rating"],
                received_at=values["received_at"],
                effect_key=f"file:{sha256(canonical_json(said).encode()).hexdigest()}",
            )
        )
    new = len(feedback.record_many(drafts=drafts, actor=actor, at=at))
    return LoadResult(
        accepted=new, duplicate=len(drafts) - new, rejects=rejects, totals={"new": new}
    )


def _refusal(row: Row, at: dt.datetime) -> Reject | None:
    """Return why a row is not taken; None when it is."""
    column = key = ""
    words: Text = ""
    if rules.reaches_person(row.values["text"]):
        column, key = "text", "catalog.feedback_person"
        words = _("It holds a phone or identity number, or a mail address: leave it out.")
    elif rules.names_person(row.values["reference"] or ""):
        column, key = "reference", "catalog.feedback_person"
        words = _("This is no number of an order or a review.")
    elif row.values["received_at"] is not None and row.values["received_at"] > at:
        column, key = "received_at", "catalog.seen_in_future"
        words = _("This moment has not come yet.")
    return Reject(row.line, column, "", key, str(words), row.cells) if key else None


register_profile(REVIEWS, load=load_feedback, policy=feedback.RECORD, scope=channel_scope)
