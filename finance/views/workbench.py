"""The matching workbench (V13): statement left, ours right, one key for a suggestion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.selectors import channels
from finance import rules
from finance.choices import BreakSource, BreakType, Resolution
from finance.models import Break
from finance.selectors import matching, settlement
from finance.selectors.standing import standing
from finance.services import breaks
from finance.views.breaks import CODES
from ops.engines.desk.screens import Screen
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, OpsError
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may

WORK = may("finance", "P")
_CODES = (*CODES, (Resolution.EXPLAINED.value, Resolution.EXPLAINED.label))
_CASE_DAYS = dt.timedelta(days=3)
# What the address keeps from one match to the next.
_KEPT = ("channel", "q", "type", "start")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a side as the page shows it."""

    id: int
    order: str
    at: dt.datetime | None
    day: dt.date
    type: str
    amount: Decimal
    statement: Decimal
    ours: Decimal
    words: str
    is_both: bool
    owner: str


def _row(one: Break, owners: Mapping[int, str]) -> Row:
    statement, ours, _fee = breaks.sides([one])
    line = one.line
    return Row(
        id=one.pk,
        order=one.order_no or one.refund_no or "-",
        at=line.occurred_at if line else None,
        day=one.occurred_on,
        type=str(BreakType(one.type).label),
        amount=matching.signed(one),
        statement=statement,
        ours=ours,
        words=" ".join(filter(None, (line.counterparty, line.remark))) if line else "",
        is_both=one.source == BreakSource.BOTH,
        owner=owners.get(one.owner_person_id or 0, ""),
    )


class Workbench(Screen):
    """The open lines of a channel and what may belong to the current one."""

    policy = WORK
    title = _("Matching workbench")
    nav = "matching"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show both sides, the preview of all exact pairs, or who may own a case."""
        if request.GET.get("part") == "owners":
            people = {"people": _people(self.at), "me": self.actor.person_id}
            return render(request, "finance/_owners.html", people)
        mine = channels.visible(actor=self.actor, area="finance")
        chosen = _chosen(mine, request.GET.get("channel", ""), actor=self.actor)
        context: dict[str, Any] = {
            "screen": self,
            "title": self.title,
            "channels": mine,
            "channel": chosen,
            "kept": [(key, request.GET.get(key, "")) for key in _KEPT if request.GET.get(key)],
        }
        if chosen is None:
            return render(request, "finance/workbench.html", context)
        if request.GET.get("part") == "exact":
            context |= self._exact(chosen.id, request.GET)
            return render(request, "finance/exact.html", context)
        context |= self._sides(chosen.id, request.GET)
        return render(request, "finance/workbench.html", context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Match, give an owner, accept what is exact or take back; go on with the line below."""
        given = request.POST
        line = _number(given.get("line"))
        try:
            after, words = self._act(given, line)
            self.say(request, "success", words)
        except OpsError as refusal:
            self.say(request, "error", str(refusal))
            # Stay on the line that was refused.
            after = line - 1
        kept = {key: given.get(key, "") for key in _KEPT if given.get(key)}
        return HttpResponseRedirect(f"{request.path}?{urlencode(kept | {'after': max(after, 0)})}")

    def _act(self, given: QueryDict, line: int) -> tuple[int, str]:
        """Do what was asked; return the line to go on after, and what to say."""
        who: dict[str, Any] = {"actor": self.actor, "at": self.at}
        if number := given.get("undo"):
            opened = breaks.undo(resolution_no=number, **who)
            words = gettext("%(number)s was taken back; what it booked is reversed.")
            return min(one.id for one in opened) - 1, words % {"number": number}
        if given.get("accept"):
            pairs = [(_number(a), _number(b)) for a, _mark, b in
                     (pair.partition(":") for pair in given.getlist("pair"))]  # fmt: skip
            if not pairs:
                raise BadInput("finance.selection", gettext("Select lines of the list."))
            made = breaks.match_pairs(pairs=pairs, **who)
            return line - 1, ngettext(
                "%(count)s pair is matched.", "%(count)s pairs are matched.", len(made)
            ) % {"count": len(made)}
        if owner := given.get("owner"):
            (case,) = breaks.assign(
                break_ids=[line],
                person_id=_number(owner),
                due_on=business_day(self.at) + _CASE_DAYS,
                **who,
            )
            name = identity.person_names([case.owner_person_id]).get(case.owner_person_id or 0, "")
            words = gettext("%(order)s is with %(name)s until %(day)s.")
            order = case.order_no or case.refund_no or f"{case.id}"
            return line, words % {"order": order, "name": name, "day": case.due_on}
        ids = {_number(one) for one in given.getlist("sel")}
        if take := given.get("take"):
            ids = {line, _number(take)}
        if not ids:
            raise BadInput("finance.selection", gettext("Select lines of the list."))
        made_ = breaks.resolve(
            break_ids=ids,
            code=given.get("code") or Resolution.MATCHED,
            reason=given.get("reason", ""),
            **who,
        )
        words = gettext("%(number)s is kept.") % {"number": made_[0].resolution_no}
        # The line in hand may not have been among those matched: then it is still in hand.
        return line if line in ids else line - 1, words

    def _rows(self, channel_id: int, asked: QueryDict) -> Any:
        waiting = matching.waiting(actor=self.actor, channel_id=channel_id)
        return matching.narrowed(
            waiting, text=asked.get("q", "").strip(), kind=asked.get("type", "")
        )

    def _sides(self, channel_id: int, asked: QueryDict) -> dict[str, Any]:
        waiting = matching.waiting(actor=self.actor, channel_id=channel_id)
        rows = self._rows(channel_id, asked)
        left, current = matching.page(
            matching.statement_side(rows),
            start=_number(asked.get("start")),
            after=_number(asked.get("line")) - 1 if asked.get("line") else
            _number(asked.get("after")),
        )  # fmt: skip
        right = list(matching.our_side(rows)[: matching.A_SIDE])
        found = matching.suggestions(left, rows=waiting)
        owners = identity.person_names({one.owner_person_id for one in (*left, *right)})
        return {
            "codes": _CODES,
            "types": BreakType.choices,
            "typed": asked.get("q", ""),
            "type": asked.get("type", ""),
            "tolerance": rules.MATCH_TOLERANCE,
            "left": [(_row(one, owners), _shown(found.get(one.pk, ()), owners)) for one in left],
            "right": [_row(one, owners) for one in right],
            "current": current,
            "start": left[0].pk if left else 0,
            "suggested": sum(bool(given) for given in found.values()),
            "exact": len(matching.exact_pairs(found)),
            "standing": standing(channel_id=channel_id, rows=waiting, actor=self.actor),
            "last_number": settlement.last_resolution(
                actor=self.actor, channel_id=channel_id, person_id=self.actor.person_id
            ),
        }

    def _exact(self, channel_id: int, asked: QueryDict) -> dict[str, Any]:
        """Return the pairs that fit without doubt, for the lines the workbench shows."""
        waiting = matching.waiting(actor=self.actor, channel_id=channel_id)
        left, _current = matching.page(
            matching.statement_side(self._rows(channel_id, asked)),
            start=_number(asked.get("start")),
            after=0,
        )
        found = matching.suggestions(left, rows=waiting)
        lines = {one.pk: one for one in left}
        pairs = [
            (_row(lines[line_id], {}), _row(one.item, {}), one.reasons)
            for line_id, one in matching.exact_pairs(found)
        ]
        return {
            "pairs": pairs,
            "total": sum((line.amount for line, _item, _why in pairs), Decimal(0)),
        }


def _shown(
    found: tuple[()] | list[matching.Suggestion], owners: Mapping[int, str]
) -> list[dict[str, Any]]:
    return [
        {"row": _row(one.item, owners), "score": one.score, "reasons": one.reasons} for one in found
    ]


def _chosen(
    mine: list[channels.ChannelInfo], asked: str, *, actor: Actor
) -> channels.ChannelInfo | None:
    """Return the channel asked for, else the first with open lines, else the first."""
    named = next((one for one in mine if str(one.id) == asked), None)
    if named is not None or not mine:
        return named
    busy = settlement.channels_with_work(actor=actor)
    return next((one for one in mine if one.id in busy), mine[0])


def _people(at: dt.datetime) -> dict[int, str]:
    """Return who may own a case: finance officers, then finance managers."""
    return {
        one.person_id: one.name
        for role in (Role.FINANCE_OFFICER, Role.FINANCE_MANAGER)
        for one in identity.holders(role=role, at=at)
    }


def _number(text: str | None) -> int:
    if not text:
        return 0
    if not text.isdecimal() or len(text) > 18:
        raise BadInput("finance.selection", gettext("Select lines of the list."))
    return int(text)
