"""Bulk actions of a list: chosen rows, a preview of what will be refused, a result per row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ops.engines.desk.base import Screen
from ops.engines.desk.fields import Bound, Field, Reading, blank_form, read_form
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, OpsError
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import Policy

Text = str | Promise
MOST_NAMED, MOST_KEPT = 8, 100
# What a bulk form says of the rows it is about.
_SELECTION: Final = ("sel", "which", "kept")


@dataclass(frozen=True, slots=True)
class Refused:
    """One selected row an action did not take, and why; `name` is what people call the row."""

    key: str
    reason: Text
    name: str = ""


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What a bulk action did: rows done, rows refused with reasons, an optional message."""

    done: int
    refused: Sequence[Refused] = ()
    message: Text = ""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAction:
    """One action on selected rows.

    `run(ids, actor, at)` acts through a service and returns a BulkOutcome; each row has its own
    result. `check(ids, actor, at)` returns what would be refused and makes a preview page come
    first; `effect` sums the effect up in a sentence for that page.

    An action that needs to know more lists a few `fields`; `filled(values)` then returns the action
    with its `run` and `check` for what was filled in; with `is_checked=False` there is no check.
    """

    key: str
    label: Text
    run: Callable[[Sequence[str], Actor, dt.datetime], BulkOutcome] | None = None
    policy: Policy | None = None
    check: Callable[[Sequence[str], Actor, dt.datetime], Sequence[Refused]] | None = None
    effect: Callable[[Sequence[str], Actor, dt.datetime], str] | None = None
    fields: Sequence[Field] = ()
    filled: Callable[[Mapping[str, Any]], BulkAction] | None = None
    is_checked: bool = True
    is_danger: bool = False
    shortcut: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a bulk action: the rows it is about, and the list it came from."""

    screen: Screen
    request: HttpRequest
    action: BulkAction
    keys: Sequence[str]
    back: str

    def answer(self) -> HttpResponse:
        """Ask for fields, show what would be refused, or run: whichever is next."""
        if self.action.filled is not None:
            return self.fill()
        if self.action.check is not None and self.request.POST.get("step") != "run":
            return self.preview()
        return self.run()

    def fill(self) -> HttpResponse:
        """Ask for the fields of an action, check them, and only then run it."""
        step = self.request.POST.get("step", "")
        if not step:
            blank = blank_form(self.action.fields, initial={}, actor=self.screen.actor)
            return self.preview(form=blank)
        reading = read_form(
            self.action.fields,
            data=self.request.POST,
            files=self.request.FILES,
            actor=self.screen.actor,
            today=business_day(self.screen.at),
            carried=_SELECTION,
        )
        if reading.errors or self.action.filled is None:
            return self.preview(form=reading)
        filled = self.action.filled(reading.values)
        if filled.check is not None and step != "run":
            return replace(self, action=filled).preview(form=reading, is_filled=True)
        return replace(self, action=filled).run()

    def preview(self, *, form: Reading | None = None, is_filled: bool = False) -> HttpResponse:
        """Show what can be done, what cannot and why, and the effect; a button runs it."""
        action, keys = self.action, self.keys
        actor, at = self.screen.actor, self.screen.at
        refused = list(action.check(keys, actor, at)) if action.check else []
        stopped = {each.key for each in refused}
        able = [key for key in keys if key not in stopped]
        context = {
            "title": action.label,
            "screen": self.screen,
            "action": action,
            "every": keys,
            "keys": able,
            "kept": [key for key in keys if key in stopped][:MOST_KEPT],
            "total": len(keys),
            "refused": _by_reason(refused),
            "refused_count": len(refused),
            "bound": [b for b in form.bound.values() if isinstance(b, Bound)] if form else [],
            "errors": form.errors if form else [],
            "is_checked": form is None or is_filled,
            "step": "check" if action.is_checked else "run",
            "effect": action.effect(able, actor, at) if action.effect and able else "",
            "back": self.back,
            "post_to": self.back,
        }
        return render(self.request, "desk/bulk.html", context)

    def run(self) -> HttpResponse:
        """Do it, say what was done and what was not, and keep the rest selected."""
        if self.action.run is None:
            raise BadInput("list.action", _("This list has no such action."))
        try:
            outcome = self.action.run(self.keys, self.screen.actor, self.screen.at)
        except OpsError as refusal:
            self._say("error", str(refusal))
            return HttpResponseRedirect(self.back)
        skipped = self.request.POST.getlist("kept")
        self._tell(outcome, len(skipped))
        if not outcome.refused and not skipped:
            return HttpResponseRedirect(outcome.href or self.back)
        kept = self.request.GET.copy()
        still = [*(each.key for each in outcome.refused), *skipped]
        kept.setlist("sel", list(dict.fromkeys(still))[:MOST_KEPT])
        here = f"{self.request.path}?{kept.urlencode()}"
        return HttpResponseRedirect(here if outcome.refused else outcome.href or here)

    def _tell(self, outcome: BulkOutcome, skipped: int) -> None:
        words = str(outcome.message) or ngettext(
            "%(action)s: %(count)s row done.", "%(action)s: %(count)s rows done.", outcome.done
        ) % {"action": self.action.label, "count": outcome.done}
        self._say("success" if outcome.done else "warning", words)
        if skipped:
            left = ngettext(
                "%(count)s row that could not be done was left out and stays selected.",
                "%(count)s rows that could not be done were left out and stay selected.",
                skipped,
            )
            self._say("warning", left % {"count": skipped})
        if outcome.refused:
            reasons = [_with_names(why, names) for why, _n, names in _by_reason(outcome.refused)]
            text = ngettext(
                "%(count)s row was not done and stays selected: %(reasons)s",
                "%(count)s rows were not done and stay selected: %(reasons)s",
                len(outcome.refused),
            )
            say = {"count": len(outcome.refused), "reasons": _("; ").join(reasons[:5])}
            self._say("warning", text % say)

    def _say(self, level: str, words: str) -> None:
        self.screen.say(self.request, level, words)


def _by_reason(refused: Sequence[Refused]) -> list[tuple[str, int, list[str]]]:
    """Return each reason with its number of rows and the names of the first, commonest first."""
    rows: dict[str, list[str]] = {}
    for each in refused:
        rows.setdefault(str(each.reason), []).append(each.name)
    found = [
        (reason, len(names), [name for name in names if name][:MOST_NAMED])
        for reason, names in rows.items()
    ]
    return sorted(found, key=lambda one: (-one[1], one[0]))


def _with_names(reason: str, names: Sequence[str]) -> str:
    if not names:
        return reason
    words = _("%(reason)s (%(names)s)")
    return words % {"reason": reason, "names": _(", ").join(names)}
