"""A mail says what was typed, in its body alone; its headers are ours (S16)."""

from __future__ import annotations

import email
from email.policy import default
from typing import Any

import pytest
from django.core import mail

from ops.engines.kernel.errors import BadInput
from ops.engines.notices import services
from ops.engines.notices.models import MailPreference
from tests.engines.identity.factories import AT
from tests.engines.notices.test_mail import WISHES, actor, tell, wishing
from tests.support.expressions import EXPRESSIONS, SUM, lost

pytestmark = pytest.mark.django_db
HEADERS = {
    "Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To", "Date",
    "Message-ID", "Auto-Submitted",
}  # fmt: skip
BROKEN = (
    "甲\r\nBcc: thief@example.com\r\n\r\n正文",
    "乙\nSubject: 别的\nX-Evil: 1",
    "丙\r\n.\r\nMAIL FROM:<thief@example.com>",
)


def sent() -> Any:
    """Send what is due and return the one message as a mail server gets it."""
    services.send_due(at=AT)
    [message] = mail.outbox
    return email.message_from_bytes(message.message().as_bytes(), policy=default)


def test_a_mail_shows_expressions_and_works_none_out() -> None:
    user = wishing()
    for number, text in enumerate(EXPRESSIONS):
        tell(user, params={"number": text}, effect_key=f"toys.toy:{number}:due")

    message = sent()

    body = message.get_content()
    assert lost(body) == []
    assert SUM not in body
    assert not any(text in message["Subject"] for text in EXPRESSIONS)


def test_a_title_without_values_is_shown_as_it_is() -> None:
    user = wishing()
    for number, text in enumerate(EXPRESSIONS):
        tell(user, title=text, params={}, effect_key=f"toys.toy:{number}:due")

    body = sent().get_content()

    assert lost(body) == []
    assert SUM not in body


@pytest.mark.parametrize("text", BROKEN)
def test_a_line_break_in_a_text_adds_no_header(text: str) -> None:
    tell(wishing(), params={"number": text})

    message = sent()

    assert set(message.keys()) == HEADERS
    assert message["To"] == "reader@example.com"
    assert message["Subject"].startswith("规范")
    assert "\n".join(text.splitlines()) in "\n".join(message.get_content().splitlines())


@pytest.mark.parametrize(
    "address",
    ["a@example.com\nBcc: b@example.com", "a@example.com, b@example.com", "a@x\r\n", "{{7*7}}"],
)
def test_an_address_that_is_more_than_one_is_refused(address: str) -> None:
    user = wishing()
    before = MailPreference.objects.values_list("address", flat=True).get()

    with pytest.raises(BadInput):
        services.prefer(**(WISHES | {"address": address}), actor=actor(user), at=AT)

    assert MailPreference.objects.values_list("address", flat=True).get() == before
