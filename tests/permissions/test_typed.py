"""S17 at the forms: what is typed is shown as text, on page, paper and mail, and asks nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from ops.engines.events import delivery
from ops.engines.notices import services as notices
from tests.badinput.ground import Ground
from tests.permissions import presses
from tests.permissions.crawling import Page, Seen, get
from tests.support.listening import ear
from tests.support.reading import words_in
from tests.support.typed import Shown, host, typed

_WORDS = re.compile(r"[\u4e00-\u9fff]")  # in the presses, what people write is Chinese
PAPERS = ("/print/", "/file/")


def taken(ground: Ground, who: str, url: str, fields: dict[str, Any], text: str) -> Any:
    """Press with the text in place of all words; None when the form refuses it, nothing changed."""
    sent = {
        name: text if isinstance(value, str) and _WORDS.search(value) else value
        for name, value in fields.items()
    }
    with transaction.atomic():
        answer = ground.browser(who).post(url, sent)
        if answer.status_code == 302:
            return answer
        transaction.set_rollback(True)
    return None


def pages(ground: Ground, who: str, *urls: str) -> Iterator[Page]:
    """Yield the pages and the papers they lead to."""
    for url in dict.fromkeys(urls):
        page = get(ground.browser(who), url)
        yield page
        if page.is_html:
            found = Seen()
            found.feed(page.body.decode())
            for link in dict.fromkeys(found.links):
                if any(mark in link for mark in PAPERS):
                    yield get(ground.browser(who), urljoin(url, link))


def test_what_is_typed_into_a_form_is_text_everywhere_and_asks_nobody(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    forms, shown, breaches = set[str](), 0, list[str]()
    with ear() as heard:

        def press(ground: Ground, who: str, url: str, **fields: Any) -> Any:
            nonlocal shown
            if not any(isinstance(one, str) and _WORDS.search(one) for one in fields.values()):
                return ground.browser(who).post(url, fields)
            for text in typed(heard):
                if answer := taken(ground, who, url, fields, text):
                    break
            else:
                return ground.browser(who).post(url, fields)
            forms.add(url)
            for page in pages(ground, who, url, urljoin(url, answer.headers["Location"])):
                told = Shown(host(heard))
                if page.is_html:
                    told.feed(page.body.decode())
                    shown += told.times
                    breaches.extend(f"{page.url}: {one}" for one in told.breaches)
                else:
                    shown += host(heard) in words_in(page.body)
            return answer

        monkeypatch.setattr(presses, "press", press)
        for path in presses.LOUD:
            with transaction.atomic():
                presses.LOUD[path](ground)
                delivery.drain(at=timezone.now())
                notices.send_due(at=timezone.now())
                transaction.set_rollback(True)
    for letter in mail.outbox:
        for content, kind in getattr(letter, "alternatives", []):
            told = Shown(host(heard))
            told.feed(str(content) if "html" in str(kind) else "")
            breaches.extend(f"mail: {one}" for one in told.breaches)
    print(forms, shown, len(mail.outbox))
    assert heard.asked == []
    assert breaches == []
    assert len(forms) >= 8
    assert shown >= 10
