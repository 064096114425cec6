"""The matching workbench (V13): statement left, ours right."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.selectors import channels
from finance.choices import BreakSource, BreakType, Resolution
from finance.models import Break
from finance.selectors import matching, settlement
from finance.services import breaks
from finance.views.breaks import CODES
from ops.engines.desk.screens import (
    Screen,
)
from ops.engines.kernel.errors import BadInput, OpsError
from ops.engines.kernel.policy import may

WORK = may("finance", "P")


class Workbench(Screen):
    """Statement left, ours right: match by hand, one key for a suggestion."""

    policy = WORK
    title = _("Matching workbench")
    nav = "matching"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the open lines of a channel and what may belong to the current one."""
        mine = channels.visible(actor=self.actor, area="finance")
        with_work = settlement.channels_with_work(actor=self.actor)
        asked = request.GET.get("channel", "")
        chosen = next((c for c in mine if str(c.id) == asked), None) or next(
            (c for c in mine if c.id in with_work), mine[0] if mine else None
        )
        context: dict[str, Any] = {
            "screen": self,
            "title": self.title,
            "channels": mine,
            "channel": chosen,
            "codes": CODES,
        }
        if chosen is not None:
            context |= self._sides(chosen.id, request.GET.get("line", ""))
        return render(request, "finance/workbench.html", context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Match, skip nothing, or take the last match back; then go on with the next line."""
        given = request.POST
        back = f"{request.path}?channel={given.get('channel', '')}&line={given.get('next', '')}"
        try:
            if undone := given.get("undo"):
                breaks.undo(resolution_no=undone, actor=self.actor, at=self.at)
                words = gettext("%(number)s was taken back; what it booked is reversed.")
                self.say(request, "success", words % {"number": undone})
                return HttpResponseRedirect(back)
            ids = {int(one) for one in given.getlist("sel") + given.getlist("take") if one}
            if take := given.get("take"):
                ids = {int(take), int(given.get("line") or 0)}
            made = breaks.resolve(
                break_ids=ids,
                code=given.get("code") or Resolution.MATCHED,
                reason=given.get("reason", ""),
                actor=self.actor,
                at=self.at,
            )
            words = gettext("%(number)s is kept.") % {"number": made[0].resolution_no}
            self.say(request, "success", words)
        except ValueError as error:
            raise BadInput("finance.selection", gettext("Select lines of the list.")) from error
        except OpsError as refusal:
            self.say(request, "error", str(refusal))
            back = f"{request.path}?channel={given.get('channel', '')}&line={given.get('line', '')}"
        return HttpResponseRedirect(back)

    def _sides(self, channel_id: int, asked: str) -> dict[str, Any]:
        waiting = matching.waiting(actor=self.actor, channel_id=channel_id)
        left = list(matching.statement_side(waiting)[: matching.A_SIDE])
        ours = list(matching.our_side(waiting)[:500])
        current = next((one for one in left if str(one.pk) == asked), left[0] if left else None)
        place = left.index(current) if current is not None else 0
        following = left[place + 1] if place + 1 < len(left) else None
        count, total = settlement.open_sum(waiting)
        return {
            "left": [self._row(one) for one in left],
            "right": [self._row(one) for one in ours[: matching.A_SIDE]],
            "current": current,
            "following": following,
            "suggestions": [
                {"score": one.score, "reasons": one.reasons, **self._row(one.item)}
                for one in (matching.suggestions(current, ours) if current else ())
            ],
            "run": next(iter(settlement.latest_runs(actor=self.actor, channel_ids=[channel_id])),
                        None),
            "open_count": count,
            "open_total": total,
            "last_number": settlement.last_resolution(
                actor=self.actor, channel_id=channel_id, person_id=self.actor.person_id
            ),
        }  # fmt: skip

    def _row(self, one: Break) -> dict[str, Any]:
        return {
            "id": one.pk,
            "order": one.order_no or one.refund_no or "-",
            "at": one.line.occurred_at if one.line else None,
            "day": one.occurred_on,
            "type": BreakType(one.type).label,
            "amount": matching.signed(one),
            "who": one.line.counterparty if one.line else "",
            "text": one.line.remark if one.line else "",
            "is_both": one.source == BreakSource.BOTH,
        }
