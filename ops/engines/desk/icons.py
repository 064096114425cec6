"""The few line icons of the work screens, drawn on a 16 x 16 grid; no icon font is loaded."""

from functools import cache
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

PATHS: Final = {
    "alert": "M8 2 14.5 13.5h-13zM8 6.5v3.2M8 11.8v.1",
    "bell": "M3.5 11.5h9l-1.2-2V7a3.3 3.3 0 0 0-6.6 0v2.5zM6.7 13.5a1.4 1.4 0 0 0 2.6 0",
    "box": "M2 5 8 2l6 3v6l-6 3-6-3zM2 5l6 3 6-3M8 8v6",
    "calendar": "M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v2.5M10.5 2v2.5",
    "chart": "M2 14h12M4 11.5V8M8 11.5v-7M12 11.5V6",
    "chat": "M2 3h12v8H7l-3 2.5V11H2z",
    "check": "m3 8.5 3.5 3.5L13 4.5",
    "circle": "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z",
    "clock": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.8V8l2.2 1.6",
    "close": "m4 4 8 8M12 4l-8 8",
    "columns": "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
    "count": "M3 2.5h10v11H3zM5.5 5.5h5M5.5 8h5M5.5 10.5h3",
    "desk": "M2 3h5v5H2zM9 3h5v3H9zM9 8h5v5H9zM2 10h5v3H2z",
    "dot": "M8 7.5a.6.6 0 1 0 0 1 .6.6 0 0 0 0-1z",
    "down": "m4 6 4 4 4-4",
    "download": "M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11",
    "file": "M4 1.8h5.5L12.5 5v9.2h-8.5zM9.3 2v3.2h3",
    "half": "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11",
    "inbox": "M2 9.5 4 3h8l2 6.5v4H2zM2 9.5h3.5l1 1.8h3l1-1.8H14",
    "language": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z"
    "M2 8h12M8 2c2 2 2.6 4 2.6 6S10 12 8 14c-2-2-2.6-4-2.6-6S6 4 8 2z",
    "left": "m10 3-5 5 5 5",
    "link": "M7 9.5 9.5 7M6 5.5 8 3.6a2.6 2.6 0 0 1 3.8 3.8L10 9.3"
    "M10 10.5 8 12.4a2.6 2.6 0 0 1-3.8-3.8L6 6.7",
    "list": "M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1",
    "lock": "M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
    "menu": "M2.5 4h11M2.5 8h11M2.5 12h11",
    "minus": "M3 8h10",
    "money": "M4 3l4 5 4-5M8 8v6M4.5 8.5h7M4.5 11h7",
    "more": "M3.5 8h.1M8 8h.1M12.5 8h.1",
    "person": "M8 2.2a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4z"
    "M2.8 14c.4-3 2.4-4.4 5.2-4.4s4.8 1.4 5.2 4.4",
    "plus": "M8 3v10M3 8h10",
    "right": "m6 3 5 5-5 5",
    "run": "M4.5 2.8v10.4L12.8 8z",
    "scan": "M2 5V2.5h2.5M11.5 2.5H14V5M14 11v2.5h-2.5"
    "M4.5 13.5H2V11M4.5 5.5v5M7 5.5v5M9 5.5v5M11.5 5.5v5",
    "search": "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3 14 14",
    "shield": "M8 1.8 13.2 4v4c0 3-2 5-5.2 6.2C4.8 13 2.8 11 2.8 8V4z",
    "sort": "M5 3v10M2.8 10.5 5 13l2.2-2.5M11 13V3M8.8 5.5 11 3l2.2 2.5",
    "stop": "M5.6 1.8h4.8l3.8 3.8v4.8l-3.8 3.8H5.6l-3.8-3.8V5.6zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
    "tag": "M2 2.5h6l6 6-5.5 5.5-6.5-6.5zM5 5.5h.1",
    "tick": "m3 8.5 3.5 3.5L13 4.5",
    "truck": "M1.5 4h8v7h-8zM9.5 6.5h2.8L14.5 9v2h-5"
    "M4 11a1.3 1.3 0 1 0 .1 0M12 11a1.3 1.3 0 1 0 .1 0",
    "up": "m4 10 4-4 4 4",
    "upload": "M8 11V3M4.5 6 8 2.5 11.5 6M2.5 13.5h11",
}
FILLED: Final = {
    "half": "M8 2.5a5.5 5.5 0 0 0 0 11z",
}


@cache
def svg(name: str) -> SafeString:
    """Return one icon as inline SVG; it is decoration, so readers skip it."""
    fill = FILLED.get(name)
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        '<path d="{}"/>{}</svg>',
        PATHS.get(name, PATHS["dot"]),
        format_html('<path d="{}" fill="currentColor" stroke="none"/>', fill) if fill else "",
    )
