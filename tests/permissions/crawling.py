"""Walks through the product as one of its people: from the desk, along every link of a page."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from django.urls import Resolver404, resolve

from ops.engines.http.registry import Door, doors
from tests.badinput.operations import operations

_LINKS = ("href", "data-href", "hx-get", "src")
_KEY = re.compile(r"<(?:\w+:)?\w+>|\(\?P")
OF_ONE_ROUTE = 2
# Ends the session, or is somebody else's text.
_NOT_WALKED = ("/static/", "/accounts/logout/", "/accounts/demo/", "/i18n/")


@dataclass(frozen=True)
class Page:
    """One answer to a GET."""

    url: str
    route: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_html(self) -> bool:
        """Say whether a browser shows it as a page."""
        return "html" in self.headers.get("Content-Type", "")

    @cached_property
    def seen(self) -> Seen:
        """Return its links and breaches; read once, whoever asks."""
        found = Seen()
        found.feed(self.body.decode())
        return found


@dataclass
class Seen(HTMLParser):
    """Links of a page, and what a strict content policy would not run."""

    links: list[str] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    _in_script: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links, inline handlers, inline styles and scripts without a nonce."""
        told = {name: value or "" for name, value in attrs}
        self.links += [told[name] for name in _LINKS if told.get(name)]
        for name, value in told.items():
            if name.startswith("on") or (name in _LINKS and value.startswith("javascript:")):
                self.breaches.append(f"{tag} {name}={value[:60]}")
        if "style" in told:
            self.breaches.append(f"{tag} style={told['style'][:60]}")
        bare = not told.get("src") and not told.get("nonce") and "json" not in told.get("type", "")
        if (tag == "script" and bare) or (tag == "style" and not told.get("nonce")):
            self.breaches.append(f"inline {tag}")


def screen_doors() -> list[Door]:
    """Return the doors that are no operation of the API."""
    return [door for door in doors() if not door.path.startswith("/api/v1/")]


def starts() -> list[str]:
    """Return every address that needs no key: screens, record lists, lists of the API, exports."""
    plain = [door.path for door in doors() if door.method == "GET" and not _KEY.search(door.path)]
    lists = [one.path for one in operations() if one.method == "GET" and not one.keys]
    exports = [f"{door.path}?export=csv" for door in doors() if _exports(door)]
    found = dict.fromkeys([*plain, *lists, *exports, "/find/?q=a", "/find/?q=20"])
    return [url for url in found if not url.startswith(_NOT_WALKED)]


def _exports(door: Door) -> bool:
    owner = getattr(resolve_or_none(door.path), "view_class", None)
    return door.method == "GET" and getattr(owner, "export_policy", None) is not None


def resolve_or_none(path: str) -> Any:
    """Return the view behind a path, None for a pattern with keys."""
    try:
        return resolve(path).func
    except Resolver404:
        return None


def route_of(url: str) -> str:
    """Return the route of an address; empty for what the product does not answer."""
    try:
        return "/" + resolve(urlsplit(url).path).route
    except Resolver404:
        return ""


def get(client: Any, url: str) -> Page:
    """Ask for one address."""
    answer = client.get(url)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return Page(url, route_of(url), answer.status_code, dict(answer.headers), body)


def crawl(client: Any, *, most: int, begin: Iterable[str] = (), skip: int = 0) -> Iterator[Page]:
    """Yield pages until `most` were asked for, at most a few of each route.

    `skip` turns the list of starts, so that walkers with few steps begin at different places.
    """
    first = list(begin) or starts()
    turn = skip % len(first)
    waiting, known = deque(first[turn:] + first[:turn]), set(first)
    times: Counter[str] = Counter()
    asked = 0
    while waiting and asked < most:
        url = waiting.popleft()
        route = route_of(url)
        key = f"{route}?{'export' if 'export=' in url else ''}"
        if not route or times[key] >= OF_ONE_ROUTE:
            continue
        times[key] += 1
        asked += 1
        page = get(client, url)
        yield page
        if not page.is_html or page.status != 200:
            continue
        for link in page.seen.links:
            target = urldefrag(urljoin(url, link))[0]
            if urlsplit(target).netloc or target in known or target.startswith(_NOT_WALKED):
                continue
            known.add(target)
            waiting.appendleft(target) if not urlsplit(target).query else waiting.append(target)
