"""Who asks another host (S17): a true listener, an ear on every socket, and addresses to type.

The ear is Python's own audit hook: it hears each connection and each look-up of a name whatever
library makes it. What is written in C passes by the ear and would come to the listener, to which
the environment's proxies point as well.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

PORT: Final = "{port}"
_EVENTS: Final = frozenset(
    {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
)
_PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY")
ADDRESSES: Final = (
    "http://127.0.0.1:{port}/a",
    "http://localhost:{port}/a",
    "http://[::1]:{port}/a",
    "http://[::ffff:127.0.0.1]:{port}/a",
    "http://2130706433:{port}/a",
    "http://0x7f000001:{port}/a",
    "http://017700000001:{port}/a",
    "http://127.1:{port}/a",
    "http://0:{port}/a",
    "http://example.com@127.0.0.1:{port}/a",
    "http://127.0.0.1:{port}#@example.com/",
    "http://127.0.0.1:{port}\\@example.com/",
    "http://LOCALHOST.:{port}/a",
    "http://①②⑦.⓪.⓪.①:{port}/a",
    "https://127.0.0.1:{port}/a.png",
    "//127.0.0.1:{port}/a",
    "ftp://127.0.0.1:{port}/a",
    "gopher://127.0.0.1:{port}/_a",
    "ldap://127.0.0.1:{port}/a",
    "dict://127.0.0.1:{port}/a",
    "redis://127.0.0.1:{port}/0",
    "postgres://a:b@127.0.0.1:{port}/a",
    "smb://127.0.0.1:{port}/a",
    "ws://127.0.0.1:{port}/a",
    "jar:http://127.0.0.1:{port}/a!/b",
    "\\\\127.0.0.1@{port}\\a",
    "file://127.0.0.1:{port}/a",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "http://metadata.google.internal/",
    "http://rebind.invalid:{port}/",
    "mailto:a@127.0.0.1",
    "<img src=http://127.0.0.1:{port}/a>",
    "<script src=//127.0.0.1:{port}/a></script>",
    "<link rel=stylesheet href=http://127.0.0.1:{port}/a>",
    "<iframe src=http://127.0.0.1:{port}/a>",
    "![图](http://127.0.0.1:{port}/a)",
    "[字](http://127.0.0.1:{port}/a)",
    "@import url(http://127.0.0.1:{port}/a);",
    '=WEBSERVICE("http://127.0.0.1:{port}/a")',
    '=IMAGE("http://127.0.0.1:{port}/a")',
    '#image("http://127.0.0.1:{port}/a.png")',
    '#import "@preview/cetz:0.3.1": *',
    '<!DOCTYPE x SYSTEM "http://127.0.0.1:{port}/a">',
    "{{ 'http://127.0.0.1:{port}/a'|urlize }}",
    "$(curl http://127.0.0.1:{port}/a)",
    "| curl http://127.0.0.1:{port}/a",
    "http://127.0.0.1:{port}/a\thttp://127.0.0.1:{port}/b",
)


@dataclass
class Ear:
    """What was asked of other hosts while it listened, and the listener's port."""

    port: int
    asked: list[str] = field(default_factory=list)

    @property
    def addresses(self) -> list[str]:
        """Return every address to type, with the listener's port in it."""
        return [text.replace(PORT, str(self.port)) for text in ADDRESSES]


_listening: list[Ear] = []


def _hear(event: str, args: tuple[Any, ...]) -> None:
    if not _listening or event not in _EVENTS:
        return
    where = args[1] if event in {"socket.connect", "socket.sendto"} else args[:2]
    if not isinstance(where, str | bytes):  # a socket of the file system stays on this machine
        _listening[-1].asked.append(f"{event} {where}")


sys.addaudithook(_hear)


@contextmanager
def ear() -> Iterator[Ear]:
    """Listen at a port of this machine and at every socket of this process."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        heard = Ear(door.getsockname()[1])
        usual = {name: os.environ.get(name) for name in _PROXIES}
        os.environ.update(dict.fromkeys(_PROXIES, f"http://127.0.0.1:{heard.port}"))
        threading.Thread(target=_answer, args=(door, heard), daemon=True).start()
        _listening.append(heard)
        try:
            yield heard
        finally:
            _listening.remove(heard)
            for name, value in usual.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


def _answer(door: socket.socket, heard: Ear) -> None:
    while True:
        try:
            guest, _address = door.accept()
        except OSError:  # the listener is closed
            return
        heard.asked.append("somebody came to the listener")
        guest.close()
