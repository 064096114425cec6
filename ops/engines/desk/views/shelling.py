"""Small doors of the shell: search, single-letter keys, More, scanning."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from ops.engines.desk import finding
from ops.engines.desk.base import Screen
from ops.engines.desk.shell import KEYS_OFF
from ops.engines.kernel.policy import SIGNED_IN


class Find(Screen):
    """`/find/`: the palette's hits, or a page of them; nothing typed is kept."""

    policy = SIGNED_IN
    title = _("Search")
    nav = "find"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Find what was typed; several pasted lines open the list of those keys."""
        typed = request.GET.get("q", "")[: finding.MOST_TYPED]
        part = request.GET.get("part") == "hits"
        if not part and (href := finding.list_of(typed, actor=self.actor)):
            return HttpResponseRedirect(href)
        context = {
            "screen": self,
            "title": self.title,
            "typed": typed,
            "groups": finding.find(typed, actor=self.actor),
        }
        return render(request, "desk/_hits.html" if part else "desk/find.html", context)


class Keys(Screen):
    """`/keys/`: switch single-letter keys off and on (WCAG 2.1.4)."""

    policy = SIGNED_IN

    def post(self, request: HttpRequest) -> HttpResponse:
        """Switch, and go back."""
        request.session[KEYS_OFF] = not request.session.get(KEYS_OFF)
        to = request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(to, allowed_hosts=None)
        return HttpResponseRedirect(to if to and safe else "/")


class More(Screen):
    """`/more/`: every entry, for the phone's last key."""

    policy = SIGNED_IN
    title = _("More")
    nav = "more"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show every entry this person may open."""
        return render(request, "desk/more.html", {"screen": self, "title": self.title})


class Scan(Screen):
    """`/scan/`: scan anything; finds the order, item, place, note or shipment."""

    policy = SIGNED_IN
    title = _("Scan")
    nav = "scan"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what a code belongs to; one exact hit opens by itself."""
        code = request.GET.get("scan", "").strip()[: finding.MOST_TYPED]
        groups = finding.find(code, actor=self.actor) if code else []
        exact = [hit for group in groups for hit in group.hits if hit.is_exact]
        if len(exact) == 1:
            return HttpResponseRedirect(exact[0].href)
        context = {"screen": self, "title": self.title, "code": code, "groups": groups}
        return render(request, "desk/scan.html", context)
