"""What feedback on products and their owners put on the desk (HR-1.2-02)."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.choices.feedback import FeedbackStep
from catalog.selectors import feedback as selectors
from catalog.services.feedback import ANSWER, RECORD
from ops.engines.desk.screens import (
    Card,
    CardData,
    CardLine,
    Command,
    NavEntry,
    Place,
    Tone,
    card,
    command,
    nav,
    register_states,
    word_actions,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

VIEW = may("catalog", "V")
_DEPARTMENT = (Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR, Role.WEB_EDITING_SUPERVISOR)

nav(
    NavEntry(
        key="feedback", title=_("Product feedback"), url_name="catalog:feedback", policy=VIEW,
        roles=(*_DEPARTMENT, Role.CUSTOMER_SERVICE_AGENT), order=36, icon="chat",
        group=_("Goods and prices"),
    )
)  # fmt: skip
nav(
    NavEntry(
        key="products", title=_("Products"), url_name="catalog:products", policy=VIEW,
        roles=(*_DEPARTMENT, Role.DEPARTMENT_HEAD, Role.OPERATIONS_MANAGER), order=31, icon="box",
        group=_("Goods and prices"),
    )
)  # fmt: skip
command(
    Command(
        key="feedback", title=_("Record feedback on a product"), url_name="catalog:feedback_new",
        policy=RECORD,
    )
)  # fmt: skip
register_states(
    {
        FeedbackStep.NEW: Tone.WAITING,
        FeedbackStep.TAKEN: Tone.NEUTRAL,
        FeedbackStep.ANSWERED: Tone.DONE,
        FeedbackStep.CLOSED: Tone.DONE,
        FeedbackStep.REOPENED: Tone.WAITING,
    }
)
word_actions(
    {
        "catalog.feedback_received": _("took feedback in"),
        "catalog.feedback_taken": _("looks into the feedback"),
        "catalog.feedback_answered": _("answered the feedback"),
        "catalog.feedback_closed": _("was done with the feedback"),
        "catalog.feedback_reopened": _("opened the feedback again"),
        "catalog.reply_time_set": _("set the time for a reply"),
        "catalog.product_owner_named": _("named the department that owns it"),
        "catalog.channel_live": _("took the channel live"),
    }
)


def _to_answer(actor: Actor, at: datetime) -> CardData:
    rows = selectors.of_tab(selectors.queue(actor=actor, at=at), "ours", actor=actor, at=at)
    return CardData(
        lines=[
            CardLine(
                title=row.product.name,
                number=row.number,
                href=reverse("catalog:feedback_item", args=[row.pk]),
                detail=row.department.name if row.department else row.channel.name,
                state=FeedbackStep(row.step),
            )
            for row in rows.order_by("due_at", "pk")[:6]
        ],
        href=f"{reverse('catalog:feedback')}?tab=ours",
    )


card(
    Card(
        key="feedback", title=_("Feedback to answer"), query=_to_answer, policy=ANSWER,
        roles=(Role.OPERATIONS_SPECIALIST,), place=Place.MINE,
    )
)  # fmt: skip
