"""Logs: one event is one line, whatever was typed, and no secret stands in them (promise S22)."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from ops.engines.kernel.logs import OneLine, one_line
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import account

FORGED = "2026-11-05 00:00:00,000Z WARNING audit all is well"
BREAKS = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x1b[2J", "\x00"]


class Kept(logging.Handler):
    """Keep what the product's formatter writes."""

    def __init__(self) -> None:
        super().__init__()
        told = settings.LOGGING["formatters"]["line"]  # type: ignore[index]
        assert told["()"].endswith("OneLine")
        self.setFormatter(OneLine(told["format"], style=told["style"]))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one event."""
        self.lines.append(self.format(record))


@pytest.fixture
def kept() -> Iterator[Kept]:
    """Everything that is logged, as it would be written."""
    handler, root = Kept(), logging.getLogger()
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.mark.parametrize("mark", BREAKS, ids=ascii)
def test_what_was_typed_begins_no_line(kept: Kept, mark: str) -> None:
    logging.getLogger("tests").warning("no such order: %s", f"A1{mark}{FORGED}")

    (event,) = kept.lines
    assert len(event.splitlines()) == 1
    assert mark not in event
    assert one_line(mark) in event


def test_an_ordinary_text_is_written_as_it_is() -> None:
    assert one_line("订单 A1\tü ✓") == "订单 A1\tü ✓"


def test_a_traceback_is_indented_and_its_words_begin_no_line(kept: Kept) -> None:
    def fail() -> None:
        raise ValueError(f"bad\n{FORGED}")

    try:
        fail()
    except ValueError:
        logging.getLogger("tests").exception("failed")

    first, *rest = kept.lines[0].split("\n")
    assert first.endswith("failed")
    assert rest
    assert all(line.startswith("    ") for line in rest)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/skus/{}", "/orders/{}/", "/api/v1/orders/{}/", "/{}", "/?q={}"])
def test_no_address_forges_a_line(kept: Kept, path: str) -> None:
    Client().get(path.format(f"x%0d%0a{FORGED.replace(' ', '%20')}"))

    written = [line for event in kept.lines for line in event.splitlines()]
    assert not [line for line in written if line.startswith(FORGED)]


@pytest.mark.django_db
def test_passwords_and_tokens_are_never_logged(kept: Kept) -> None:
    password, token = "canary-Password-4711", "canary-token-0815"
    user = account("buyer", "buyer")
    user.set_password(password)
    user.save(update_fields=["password"])

    Client().post("/accounts/login/", {"username": "buyer", "password": password})
    answer = Client().post(
        "/api/v1/auth/login",
        {"username": "buyer", "password": password, "code": "123456"},
        content_type="application/json",
    )
    Client(headers={"authorization": f"Token {token}"}).get("/api/v1/orders/")
    with_token(user).post("/api/v1/orders/", {"password": password}, format="json")

    written = "\n".join(kept.lines)
    assert answer.status_code < 500
    assert kept.lines
    assert password not in written
    assert token not in written
