"""What a guidance text says: words of our own, or the link to a marketplace's (SCM-2.4-07)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from catalog.rules.pages import reading
from ops.engines.kernel.errors import BadInput
from ops.engines.revisions.types import Finding

FIELDS: Final = ("title", "text", "link")


def read_guidance(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read a guidance text; raises BadInput by field (neither text nor link, no https link)."""
    reading.known(sent, FIELDS)
    text = reading.text(sent, "text", most=4000, least=0, lines=True)
    link = reading.text(sent, "link", most=400, least=0)
    if link and not link.startswith("https://"):
        raise BadInput("catalog.link", _("A link begins with https://."), field="link")
    if not (text or link):
        raise BadInput(
            "catalog.guidance_empty", _("Write the text, or give the link."), field="text"
        )
    return {"title": reading.text(sent, "title", most=60), "text": text, "link": link}


def misfits(content: Mapping[str, Any], *, is_own: bool) -> Iterator[Finding]:
    """Yield what is missing: own words in an own channel, the link in a marketplace."""
    if is_own and not content["text"]:
        yield Finding(
            field="text",
            code="catalog.guidance_text",
            words=_("A channel of our own needs its own guidance text."),
        )
    if not is_own and not content["link"]:
        yield Finding(
            field="link",
            code="catalog.guidance_link",
            words=_("Give the link to the marketplace's own guidance."),
        )
