"""What people type to reach another host, and whether a page shows it as text alone (S17)."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

from tests.support.listening import Ear

# The longest first: a field takes what it has room for.
_LONG: Final = (
    "<img src=http://{host}/a><script src=//{host}/b></script><link href=//{host}/c>\"'>"
    '<iframe src=http://{host}/d></iframe>![图](http://{host}/e) =WEBSERVICE("http://{host}/f")'
)
_TYPED: Final = (
    _LONG,
    '"><img src=http://{host}/a>{{{{ "http://{host}/b"|urlize }}}}',
    "<img src=//{host}>",
)


def typed(heard: Ear) -> tuple[str, ...]:
    """Return the texts to type, each aimed at the listener."""
    return tuple(text.format(host=host(heard)) for text in _TYPED)


def host(heard: Ear) -> str:
    """Return the listener as an address names it."""
    return f"127.0.0.1:{heard.port}"


@dataclass
class Shown(HTMLParser):
    """How a page shows a text: what of it became markup, and how often it stands there as text."""

    host: str
    breaches: list[str] = field(default_factory=list)
    times: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that leads to the host; a control may hold the text as its value."""
        for name, value in attrs:
            told = unquote(value or "")
            if urlsplit(urljoin("http://here/", value or "")).netloc == self.host:
                self.breaches.append(f"{tag} {name}={told[:80]}")
            else:
                self.times += self.host in told

    def handle_data(self, data: str) -> None:
        """Count the text."""
        self.times += self.host in data
