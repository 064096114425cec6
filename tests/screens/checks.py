"""What every visited page must hold: no error, one language, no overflow, targets, axe."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

from playwright.sync_api import ConsoleMessage, Page, Request

AXE: Final = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
QUIET_MS: Final = 100  # what a page starts by itself, it starts within a frame or two
PATIENCE_SECONDS: Final = 10
_noise: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()
_asked: WeakKeyDictionary[Page, set[Request]] = WeakKeyDictionary()

# Words that are the same in both languages, and what people or machines typed.
_KNOWN: Final = re.compile(
    r"^(Ctrl K|Esc|Enter|EN|English|XLSX|CSV|PDF|JSON|ZIP|SKU|Ctrl Enter|"
    r"\(?(CNY|GBP)\)?|[A-Z]{2,4}-[\w.-]+|[a-z]|"
    r"[\w.-]+@[\w.-]+|[a-z]+(\.[a-z_]+)+|\d+)$"
)
_TEXTS: Final = """
() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const holder = node.parentElement;
    if (!holder || holder.closest("script, style, code, .mono, kbd, [data-as-is], [lang=en]")) {
      continue;
    }
    const text = node.textContent.trim();
    if (text) found.push(text);
  }
  for (const each of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
    if (each.closest("[data-as-is], [lang=en]")) continue;
    for (const name of ["aria-label", "title", "placeholder"]) {
      const text = each.getAttribute(name);
      if (text) found.push(text.trim());
    }
  }
  return found;
}
"""
# What passes is many times what is wrong: it is neither described nor sent.
_AXE_RUN: Final = """
(tags) => axe.run(document, {
  runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]
}).then((result) => result.violations)
"""
_SMALL: Final = """
(least) => [...document.querySelectorAll(
  "a[href], button, input:not([type=hidden]), select, summary"
)]
  .filter((each) => {
    const box = (each.closest("label:has(input[type=checkbox])") ?? each).getBoundingClientRect();
    if (!box.width || !box.height || each.closest("dialog:not([open])")) return false;
    if (getComputedStyle(each).visibility === "hidden") return false;
    if (each.closest(".skip, .sr, p, dd") && least <= 24) return false;
    return box.height < least - 0.5 || box.width < least - 0.5;
  })
  .map((each) => {
    const box = each.getBoundingClientRect();
    const name = (each.innerText || each.name || "").slice(0, 30);
    return `${each.tagName} ${name} ${Math.round(box.width)}x${Math.round(box.height)}`;
  })
"""


def watch(page: Page) -> None:
    """Keep what the console and failing requests say, and which requests are under way."""
    heard: list[str] = []
    asked: set[Request] = set()
    _noise[page], _asked[page] = heard, asked

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            heard.append(f"{message.type}: {message.text}")

    def begun(request: Request) -> None:
        asked.add(request)

    def ended(request: Request) -> None:
        asked.discard(request)

    page.on("console", listen)
    page.on("pageerror", lambda error: heard.append(f"uncaught: {error}"))
    page.on("request", begun)
    page.on("requestfinished", ended)
    page.on("requestfailed", ended)


def settle(page: Page) -> None:
    """Wait until a watched page is loaded and asks for nothing any more.

    The browser's own "networkidle" is half a second of silence, on each of many hundred pages.
    """
    page.wait_for_load_state("load")
    until, calm = time.monotonic() + PATIENCE_SECONDS, 0
    while calm < QUIET_MS:
        if time.monotonic() > until:  # an end we were not told: ask the browser
            page.wait_for_load_state("networkidle")
            return
        page.wait_for_timeout(20)
        calm = 0 if _asked[page] else calm + 20


def all_of(page: Page) -> None:
    """Check everything that holds for every page."""
    no_noise(page)
    one_language(page)
    no_overflow(page)
    targets(page)
    axe(page)


def no_noise(page: Page) -> None:
    """Assert that the console said nothing."""
    heard = [
        line
        for line in _noise.get(page, [])
        if "the server responded with a status of 4" not in line
    ]
    assert heard == []


def one_language(page: Page) -> None:
    """Assert that a Chinese page holds no English sentence."""
    assert foreign(page) == []


def foreign(page: Page) -> list[str]:
    """Return the English sentences on a Chinese page."""
    if page.evaluate("document.documentElement.lang") == "en":
        return []
    return [text for text in page.evaluate(_TEXTS) if _is_english(text)]


def forget_noise(page: Page) -> None:
    """Forget what the console has said so far."""
    _noise[page].clear()


def no_overflow(page: Page) -> None:
    """Assert that the page itself never scrolls sideways, down to 320 pixels."""
    size = page.viewport_size
    for width in {320, size["width"] if size else 320}:
        page.set_viewport_size({"width": width, "height": 740})
        wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{wide} px too wide at {width}: {_widest(page)}"
    if size:
        page.set_viewport_size(size)


def targets(page: Page) -> None:
    """Assert that nothing to press is smaller than 24 pixels, 44 for buttons on a phone."""
    assert page.evaluate(_SMALL, 24) == []


def axe(page: Page) -> None:
    """Assert that axe finds nothing at level AA."""
    page.evaluate(AXE)
    violations: list[dict[str, Any]] = page.evaluate(_AXE_RUN, TAGS)
    found = [
        f"{each['id']}: {each['help']}: {[node['html'][:160] for node in each['nodes'][:3]]}"
        for each in violations
    ]
    assert found == []


def _is_english(text: str) -> bool:
    return (
        re.search(r"[A-Za-z]{2,}", text) is not None
        and re.search(r"[\u4e00-\u9fff]", text) is None
        and not all(_KNOWN.match(word) for word in re.split(r"[\s·,]+", text) if word)
        and _KNOWN.match(text) is None
    )


def _widest(page: Page) -> str:
    return str(
        page.evaluate(
            """() => { const w = document.documentElement.clientWidth;
            return [...document.querySelectorAll("body *")]
              .filter((e) => e.getBoundingClientRect().right > w + 1
                && !e.closest(".table-wrap, .tabs, .statebar, .sr, .skip"))
              .slice(0, 5).map((e) => `${e.tagName}.${e.className}`).join(" | "); }"""
        )
    )
