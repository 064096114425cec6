"""S17 at the forms: what is typed is shown as text, on page, paper and mail, and asks nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from ops.engines.events import delivery
from ops.engines.notices import services as notices
from tests.badinput.ground import Ground, undone
from tests.permissions import presses
from tests.permissions.crawling import Page, Seen, get
from tests.support.listening import Ear, ear
from tests.support.reading import words_in
from tests.support.typed import Shown, host, typed

_WORDS = re.compile(r"[\u4e00-\u9fff]")  # in the presses, what people write is Chinese
PAPERS = ("/print/", "/file/")


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


@dataclass
class Typist:
    """Presses the buttons of `presses.py` with other words, and looks at what they lead to."""

    heard: Ear
    forms: set[str] = field(default_factory=set)
    breaches: list[str] = field(default_factory=list)
    shown: int = 0

    def press(self, ground: Ground, who: str, url: str, **fields: Any) -> Any:
        """Type the longest text the form takes; one without words, or too strict, is as it was."""
        words = [name for name, one in fields.items() if _WORDS.search(str(one))]
        for text in typed(self.heard) if words else ():
            answer = self._taken(ground, who, url, fields | dict.fromkeys(words, text))
            if answer is not None:
                self.forms.add(url)
                for page in pages(ground, who, url, urljoin(url, answer.headers["Location"])):
                    self.look(page)
                return answer
        return ground.browser(who).post(url, fields)

    def _taken(self, ground: Ground, who: str, url: str, fields: dict[str, Any]) -> Any:
        """Send a form; None when it is refused, and then nothing is changed."""
        with transaction.atomic():
            answer = ground.browser(who).post(url, fields)
            if answer.status_code == 302:
                assert "/accounts/" not in answer.headers["Location"]
                return answer
            transaction.set_rollback(True)
        return None

    def look(self, page: Page) -> None:
        """Judge a page or a paper."""
        if not page.is_html:
            self.shown += host(self.heard) in words_in(page.body)
            return
        told = Shown(host(self.heard))
        told.feed(page.body.decode())
        self.shown += told.times
        self.breaches += [f"{page.url}: {one}" for one in told.breaches]


def test_what_is_typed_into_a_form_is_text_everywhere_and_asks_nobody(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ground.actors:  # what a press does is undone, a sign-in stays
        ground.browser(name)

    with ear() as heard:
        typist = Typist(heard)
        monkeypatch.setattr(presses, "press", typist.press)
        for each in presses.LOUD.values():
            with undone():
                each(ground)
                delivery.drain(at=timezone.now())
                notices.send_due(at=timezone.now())

    assert heard.asked == []
    assert typist.breaches == []
    # A mail is plain text: nothing in it is loaded.
    assert [one.subject for one in mail.outbox if getattr(one, "alternatives", None)] == []
    assert len(typist.forms) >= 8
    assert typist.shown >= 10
