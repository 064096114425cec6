"""Approvals: what waits for me, what I decided, what I asked; and the decision page."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ops.engines.approvals import selectors, services
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.errors import FiguresMoved
from ops.engines.approvals.types import InboxItem, RequestDetail
from ops.engines.desk import approving, decisions, filing, formats, histories, printing
from ops.engines.desk.base import Screen
from ops.engines.desk.shell import waiting_requests
from ops.engines.http import passkeys
from ops.engines.http.actors import demo_code
from ops.engines.kernel.errors import BadInput, Conflict, NotFound, OpsError
from ops.engines.kernel.policy import SIGNED_IN

TABS = (
    ("wait", gettext_lazy("Waiting for me")),
    ("done", gettext_lazy("Decided by me")),
    ("mine", gettext_lazy("My requests")),
)


class ApprovalsInbox(Screen):
    """`/approvals/`: the requests this person may decide now, most urgent first."""

    policy = SIGNED_IN
    title = gettext_lazy("Approvals")
    nav = "approvals"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one tab."""
        tab = request.GET.get("tab", "wait")
        context: dict[str, Any] = {
            "screen": self,
            "title": self.title,
            "tab": tab,
            "tabs": TABS,
            "at": self.at,
            "waiting": len(waiting_requests(request)),
        }
        if tab == "done":
            context["history"] = selectors.decided_by(actor=self.actor)
        elif tab == "mine":
            context["history"] = selectors.asked_by(actor=self.actor)
        else:
            context["items"] = [
                (item, approving.figures(item.figures, actor=self.actor, most=4))
                for item in waiting_requests(request)
            ]
        return render(request, "desk/approvals.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Approve several requests of one flow: first a page with their figures, then the deed."""
        chosen = [word.split(":", 1) for word in request.POST.getlist("sel") if ":" in word]
        items = {item.id: item for item in waiting_requests(request)}
        picked = [(items[int(n)], h) for n, h in chosen if n.isdigit() and int(n) in items]
        if not picked:
            self.say(request, "warning", _("Nothing is selected."))
            return HttpResponseRedirect(reverse("desk:approvals"))
        if request.POST.get("step") != "do":
            context = {
                "screen": self,
                "title": _("Approve several"),
                "items": [
                    (item, approving.figures(item.figures, actor=self.actor, most=6))
                    for item, _h in picked
                ],
                "flows": {item.flow for item, _h in picked},
                "outside": [item for item, _h in picked if not item.in_bulk],
                "sum": _sum([item for item, _h in picked]),
                "at": self.at,
            }
            return render(request, "desk/approve_many.html", context)
        try:
            results = services.approve_many(
                items=[(item.id, shown) for item, shown in picked], actor=self.actor, at=self.at
            )
        except OpsError as refusal:
            self.say(request, "error", str(refusal))
            return HttpResponseRedirect(reverse("desk:approvals"))
        done = [result for result in results if not result.code]
        words = ngettext("%(count)s request approved.", "%(count)s requests approved.", len(done))
        self.say(request, "success", words % {"count": len(done)})
        for result in results:
            if result.code:
                number = items[result.request_id].number
                self.say(request, "error", f"{number}: {result.message}")
        return HttpResponseRedirect(reverse("desk:approvals"))


def _sum(items: Sequence[InboxItem]) -> str:
    """Return what the requests come to together, empty where nothing is added up."""
    amounts = [item.adds for item in items if item.adds is not None]
    return formats.money(sum(amounts, Decimal())) if amounts else ""


class DecisionScreen(Screen):
    """`/approvals/<id>/`: facts before buttons, in a fixed order."""

    policy = SIGNED_IN
    nav = "approvals"

    def get(self, request: HttpRequest, request_id: int) -> HttpResponse:
        """Show the request for decision."""
        detail = selectors.request(request_id=request_id, actor=self.actor, at=self.at)
        return self._page(request, detail)

    def post(self, request: HttpRequest, request_id: int) -> HttpResponse:
        """Approve, give an opinion, return, ask, answer, comment or withdraw.

        `deed=challenge` returns what the person's passkey is asked to sign to approve.
        """
        deeds = {
            "approve": self._approve,
            "return": self._return,
            "ask": self._ask,
            "answer": self._answer,
            "withdraw": self._withdraw,
            "comment": self._comment,
        }
        if request.POST.get("deed") == "challenge":
            return self._challenge(request, request_id)
        deed = deeds.get(request.POST.get("deed", ""))
        if deed is None:
            raise BadInput("approvals.deed", _("This page has no such action."))
        try:
            words = deed(request, request_id)
        except NotFound:
            raise
        except FiguresMoved as refusal:
            self.say(request, "error", str(refusal))
            detail = selectors.request(request_id=request_id, actor=self.actor, at=self.at)
            return self._page(request, detail, status=refusal.status)
        except OpsError as refusal:
            self.say(request, "error", str(refusal))
            return HttpResponseRedirect(request.path)
        self.say(request, "success", words)
        return HttpResponseRedirect(self._next(request, request_id))

    def _challenge(self, request: HttpRequest, request_id: int) -> HttpResponse:
        try:
            ceremony = services.challenge(
                request_id=request_id,
                content_hash=request.POST.get("content_hash", ""),
                actor=self.actor,
                at=self.at,
            )
        except OpsError as refusal:
            return passkeys.refused(refusal)
        return passkeys.asked(request, ceremony)

    def _page(
        self, request: HttpRequest, detail: RequestDetail, *, status: int = 200
    ) -> HttpResponse:
        info = detail.request
        page = decisions.page_of(detail, actor=self.actor)
        context = {
            "screen": self,
            "title": f"{info.number} {info.title}",
            "detail": detail,
            "info": info,
            "page": page,
            "state": RequestState(info.state),
            "tables": [(lines, lines.shown(self.at)) for lines in page.lines],
            "behind": [(lines, lines.shown(self.at)) for lines in page.behind],
            "why_not": self._why_not(detail),
            "reasons": detail.reasons,
            "timeline": histories.timeline(info.subject_type, info.subject_id, actor=self.actor),
            "is_mine": info.requester_person_id == self.actor.person_id,
            "at": self.at,
            "files": filing.shown(page.files, actor=self.actor) if page.files else None,
            "waiting": len(waiting_requests(request)),
            "rp_id": settings.PASSKEY_RP_ID,
            "demo_code": demo_code(request, self.actor, at=self.at) if detail.needs_step_up else "",
        }
        return render(request, "desk/decision.html", context, status=status)

    def _why_not(self, detail: RequestDetail) -> str:
        info, who = detail.request, decisions.who_decides(detail)
        left = formats.left(info.due_at, self.at)
        match detail.why_not:
            case "":
                return ""
            case "own_request":
                return _(
                    "You made this request, so you can't approve it. %(names)s has it, %(left)s."
                ) % {"names": who or "-", "left": left or "-"}
            case "barred":
                return _(
                    "You took part in what is decided here, so you can't approve it. %(names)s "
                    "has it, %(left)s."
                ) % {"names": who or "-", "left": left or "-"}
            case "decided_before":
                return _(
                    "You decided an earlier step; this one needs another person: %(names)s."
                ) % {"names": who or "-"}
            case "closed":
                return _("This request is closed: %(state)s.") % {
                    "state": RequestState(info.state).label
                }
            case _:
                return _("This step is decided by %(names)s.") % {"names": who or "-"}

    def _approve(self, request: HttpRequest, request_id: int) -> str:
        info = services.approve(
            request_id=request_id,
            content_hash=request.POST.get("content_hash", ""),
            opinion=request.POST.get("opinion", ""),
            shown=request.POST.get("shown", ""),
            code=request.POST.get("code", ""),
            passkey=passkeys.answered(request),
            actor=self.actor,
            at=self.at,
        )
        if info.closed_at is None:
            return _("%(number)s approved; it goes on to the next step.") % {"number": info.number}
        return _("%(number)s approved.") % {"number": info.number}

    def _return(self, request: HttpRequest, request_id: int) -> str:
        said = [*request.POST.getlist("usual"), request.POST.get("reason", "").strip()]
        info = services.send_back(
            request_id=request_id,
            content_hash=request.POST.get("content_hash", ""),
            reason=_("; ").join(word for word in said if word),
            actor=self.actor,
            at=self.at,
        )
        return _("%(number)s returned to %(name)s.") % {
            "number": info.number,
            "name": info.requester_name,
        }

    def _ask(self, request: HttpRequest, request_id: int) -> str:
        question = request.POST.get("question", "")
        services.ask(request_id=request_id, question=question, actor=self.actor, at=self.at)
        return _("Your question was sent to the requester.")

    def _answer(self, request: HttpRequest, request_id: int) -> str:
        number = request.POST.get("question_id", "")
        if not (number.isascii() and number.isdigit()):
            raise BadInput("approvals.question", _("There is no such question."))
        services.answer(
            question_id=int(number),
            text=request.POST.get("answer", ""),
            actor=self.actor,
            at=self.at,
        )
        return _("Your answer was sent.")

    def _withdraw(self, request: HttpRequest, request_id: int) -> str:
        info = services.withdraw(request_id=request_id, actor=self.actor, at=self.at)
        return _("%(number)s withdrawn.") % {"number": info.number}

    def _comment(self, request: HttpRequest, request_id: int) -> str:
        text = request.POST.get("text", "")
        services.comment(request_id=request_id, text=text, actor=self.actor, at=self.at)
        return _("Your comment stands below.")

    def _next(self, request: HttpRequest, request_id: int) -> str:
        if request.POST.get("deed") not in ("approve", "return"):
            return request.path
        waiting = selectors.inbox(actor=self.actor, at=self.at, limit=2)
        left = [item for item in waiting if item.id != request_id]
        return reverse("desk:approval", args=[left[0].id]) if left else reverse("desk:approvals")


class DecisionPrint(Screen):
    """`/approvals/<id>/print/`: a closed request as PDF."""

    policy = SIGNED_IN

    def get(self, request: HttpRequest, request_id: int) -> HttpResponse:
        """Return the document; a request that still waits has nothing to print."""
        detail = selectors.request(request_id=request_id, actor=self.actor, at=self.at)
        if detail.request.closed_at is None:
            raise Conflict(
                "approvals.not_closed", _("This request still waits; print it when it is decided.")
            )
        page = decisions.page_of(detail, actor=self.actor)
        made = printing.printed(detail, page, printed_by=self.actor.name, at=self.at)
        answer = HttpResponse(made, content_type="application/pdf")
        name = quote(f"{detail.request.number}.pdf")
        answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        return answer
