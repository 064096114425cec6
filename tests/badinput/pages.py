"""Every screen, found by walking from the desk as its people do, and the forms on it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from django.db.models import Model
from django.urls import Resolver404, resolve

from inventory.models import Receipt, StockCount
from ops.engines.desk.base import Screen
from ops.engines.desk.fields import Bound, BoundLines
from ops.engines.http.checks import url_routes
from ops.engines.jobs.models import JobRun
from ops.engines.reports.models import ReportRun
from ops.engines.scorecards.models import Mark
from ops.engines.tables.models import ImportBatch
from tests.badinput.ground import Ground
from tests.badinput.judging import FULL
from tests.badinput.watching import CLOSING, half_signed, open_sheet

WALKERS = (
    "store_manager", "manager", "specialist", "supervisor", "keeper", "buyer_officer", "finance", "finance_manager", "agent",
    "compliance", "auditor", "analyst", "director", "it_supervisor", "keeper2",
)  # fmt: skip
OF_ONE_ROUTE, OF_ONE_WALKER = (3 if FULL else 1), 260
_LINKS = ("href", "data-href", "hx-get")
_KEY = re.compile(r"<\w+:\w+>")


@dataclass
class Form:
    """One form as it stands in a page, with what pressing its button sends."""

    account: str
    route: str
    url: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return how verdicts name it."""
        return f"{self.route} {self.fields.get('action') or self.fields.get('deed', '')}".strip()


class _Forms(HTMLParser):
    """Collects links and forms."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, str, dict[str, str]]] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link, a form or a control."""
        told = {name: value or "" for name, value in attrs}
        self.links += [told[name] for name in _LINKS if told.get(name)]
        if tag == "form":
            self.forms.append((told.get("method", "get").lower(), told.get("action", ""), {}))
        elif self.forms and told.get("name") and tag in {"input", "textarea", "select", "button"}:
            self._select = told["name"] if tag == "select" else ""
            kept = self.forms[-1][2]
            if tag != "button" or told["name"] not in kept:
                kept.setdefault(told["name"], told.get("value", ""))
        elif tag == "option" and self._select and self.forms:
            kept = self.forms[-1][2]
            if not kept.get(self._select):
                kept[self._select] = told.get("value", "")


def hidden() -> list[str]:
    """Return addresses of documents in the one state that has a screen few links lead to."""
    counts = StockCount.objects.filter(state="counting").values_list("pk", flat=True)
    receipts = Receipt.objects.filter(state="counting").values_list("pk", flat=True)
    found = [f"/inventory/counts/{pk}/sheets/1/" for pk in counts]
    found += [f"/inventory/receipts/{pk}/count/" for pk in receipts]
    found += [f"/imports/{pk}/" for pk in _newest(ImportBatch)]
    found += [f"/reports/runs/{pk}/" for pk in _newest(ReportRun)]
    found += [
        f"/jobs/{run.job}/runs/{run.pk}/" for run in JobRun.objects.filter(pk__in=_newest(JobRun))
    ]
    # Of several scorecards the one whose cards persons mark.
    found += [
        f"/scores/{key}/" for key in Mark.objects.values_list("card__scorecard", flat=True)[:1]
    ]
    return [*found, f"/sheets/{half_signed()}/", f"/sheets/{open_sheet(CLOSING)}/fill/"]


def _newest(model: type[Model]) -> list[int]:
    return list(model._default_manager.order_by("-pk").values_list("pk", flat=True)[:2])


def screens() -> dict[str, type[Screen]]:
    """Return the routes of all work screens."""
    return _owners()


@cache
def _owners() -> dict[str, type[Screen]]:
    found: dict[str, type[Screen]] = {}
    for path, callback in url_routes():
        owner = getattr(callback, "view_class", None)
        if owner is not None and issubclass(owner, Screen):
            found[path] = owner
    return found


@dataclass
class Walk:
    """Where somebody came: pages by route, and forms."""

    pages: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)


_walked: list[Walk] = []


def walk(ground: Ground) -> Walk:
    """Return every route reached, with who reached it where; once per process."""
    if not _walked:
        done = Walk()
        for account in WALKERS:
            _wander(ground, account, done)
        _walked.append(done)
    return _walked[0]


def _wander(ground: Ground, account: str, done: Walk) -> None:
    # What hangs under a page that others reached, and that was not for them.
    unseen = [
        below
        for route, pages in done.pages.items()
        for _who, url in pages
        for below in _below(route, url)
        if route_of(below) not in done.pages
    ]
    starts = [*unseen, *hidden(), *(path for path in screens() if not _KEY.search(path))]
    client, waiting, seen = ground.browser(account), deque(starts), set(starts)
    asked = 0
    while waiting and asked < OF_ONE_WALKER:
        url = waiting.popleft()
        route = route_of(url)
        if not route:
            continue
        if len(done.pages.get(route, ())) >= OF_ONE_ROUTE:
            continue
        answer = client.get(url)
        asked += 1
        if answer.status_code != 200 or "html" not in answer.headers.get("Content-Type", ""):
            continue
        done.pages.setdefault(route, []).append((account, url))
        page = _Forms()
        page.feed(answer.content.decode())
        _keep(done, (account, route, url), page, answer.context)
        for link in [*page.links, *_below(route, url)]:
            target = urldefrag(urljoin(url, link))[0]
            plain = urlsplit(target)
            if plain.netloc or plain.path in seen or not route_of(plain.path):
                continue
            seen.add(plain.path)
            waiting.append(plain.path)


def _below(route: str, url: str) -> list[str]:
    """Return the screens that hang under a page, such as `edit/`, whether it links to them or not."""
    rests = [
        path.removeprefix(route) for path in screens() if path.startswith(route) and path != route
    ]
    return [urlsplit(url).path + rest for rest in rests if not _KEY.search(rest)]


def _keep(done: Walk, seen: tuple[str, str, str], page: _Forms, context: Any) -> None:
    (account, route, url), kinds = seen, dict(_kinds(context))
    for method, action, fields in page.forms:
        form = Form(account, route, urljoin(url, action) if action else url, method, fields)
        form.kinds = {name: kinds[name] for name in fields if name in kinds}
        if route_of(urlsplit(form.url).path) != route:
            form.route = route_of(urlsplit(form.url).path)
        if form.route:
            done.forms.setdefault(f"{method} {form.name} {sorted(fields)}", form)


def _kinds(context: Any) -> Iterator[tuple[str, Any]]:
    """Yield the declared field behind each control of a page."""
    waiting, seen = [context.flatten()] if hasattr(context, "flatten") else [], set()
    if not waiting and context is not None:
        waiting = [one for layer in context for one in [dict(layer.flatten())]]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Bound):
            yield one.name, one.field
        elif isinstance(one, BoundLines):
            waiting.extend(bound for row in one.rows for bound in row)
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)
        elif hasattr(one, "bound"):
            waiting.append(list(one.bound))


def route_of(url: str) -> str:
    """Return the route of an address, empty for what is no work screen."""
    path = urlsplit(url).path
    try:
        found = "/" + resolve(path).route
    except Resolver404:
        return ""
    return found if found in screens() else ""
