"""The inbox: to act on, for information, runs; and the poll that counts the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from ops.engines.desk.base import Screen
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.notices import selectors, services
from ops.engines.notices.choices import NoticeKind
from ops.engines.notices.types import NoticeInfo

TABS = (
    (NoticeKind.ACT, _("Act")),
    (NoticeKind.FYI, _("For information")),
    (NoticeKind.RUN, _("Runs")),
)


@dataclass(frozen=True, slots=True)
class Thread:
    """The notices of one record, newest first."""

    newest: NoticeInfo
    others: Sequence[NoticeInfo]


class Inbox(Screen):
    """`/inbox/`: one's own notices, grouped per record."""

    policy = SIGNED_IN
    title = _("Inbox")
    nav = "inbox"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one kind, open ones first."""
        kind = request.GET.get("kind", NoticeKind.ACT)
        if kind not in NoticeKind.values:
            kind = NoticeKind.ACT
        before = request.GET.get("before", "")
        found = selectors.inbox(
            actor=self.actor,
            kinds=[kind],
            open_only="all" not in request.GET,
            before_id=int(before) if before.isascii() and before.isdigit() else None,
        )
        counts = selectors.counts(actor=self.actor)
        numbers = dict(zip(NoticeKind, (counts.act, counts.fyi, counts.run), strict=True))
        context = {
            "screen": self,
            "title": self.title,
            "kind": kind,
            "tabs": [(key, title, numbers[key]) for key, title in TABS],
            "threads": threads(found),
            "shows_all": "all" in request.GET,
            "before": found[-1].id if len(found) == 50 else None,
        }
        return render(request, "desk/inbox.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Acknowledge or read notices, then stay or open what the notice is about."""
        for number in request.POST.getlist("notice"):
            if number.isascii() and number.isdigit():
                services.acknowledge(notice_id=int(number), actor=self.actor, at=self.at)
        to = request.POST.get("to", "")
        safe = url_has_allowed_host_and_scheme(to, allowed_hosts=None)
        return HttpResponseRedirect(to if to and safe else reverse("desk:inbox"))


class Poll(Screen):
    """`/inbox/poll/`: the count alone; 304 while nothing changed."""

    policy = SIGNED_IN

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer the number to act on."""
        counts = selectors.counts(actor=self.actor)
        tag = f'"{counts.newest}-{counts.act}"'
        if request.headers.get("If-None-Match") == tag:
            return HttpResponseNotModified()
        response = render(request, "desk/_inbox_count.html", {"count": counts.act})
        response["ETag"] = tag
        response["Cache-Control"] = "private, no-cache"
        return response


def threads(found: Sequence[NoticeInfo]) -> list[Thread]:
    """Group notices by record; one without a record stands alone."""
    grouped: dict[str, list[NoticeInfo]] = {}
    for notice in found:
        grouped.setdefault(notice.subject or f"#{notice.id}", []).append(notice)
    return [Thread(group[0], group[1:]) for group in grouped.values()]
