"""The record cupboard (`/admin/`) under the same colours: what `settings.UNFOLD` holds."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _favicon(request: HttpRequest) -> str:
    return static("desk/favicon.svg")


def _styles(request: HttpRequest) -> str:
    return static("desk/cupboard.css")


def _link(title: Any, icon: str, name: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(name)}


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Guifan"),
    "SITE_HEADER": _("Guifan"),
    "SITE_SUBHEADER": _("Record cupboard"),
    "SITE_URL": "/",
    "SITE_SYMBOL": "fact_check",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _favicon}],
    "SITE_DROPDOWN": [
        _link(_("Desk"), "dashboard", "desk:home"),
        _link(_("Approvals"), "check", "desk:approvals"),
        _link(_("Reports"), "bar_chart", "desk:reports"),
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "THEME": "light",
    "STYLES": [_styles],
    # The same ink, lines and action colour as the work screens (docs: tokens in desk.css).
    "COLORS": {
        "base": {
            "50": "#f5f7fa",
            "100": "#eef2f7",
            "200": "#e3e8ef",
            "300": "#cdd5df",
            "400": "#7c8796",
            "500": "#4a5464",
            "600": "#3f4754",
            "700": "#364154",
            "800": "#2b3648",
            "900": "#1a2230",
            "950": "#111722",
        },
        "primary": {
            "50": "#f3f7fd",
            "100": "#eaf1fb",
            "200": "#d5e4f9",
            "300": "#bfd7fa",
            "400": "#7fb2ff",
            "500": "#3f7fd6",
            "600": "#1f5fbf",
            "700": "#174a96",
            "800": "#143f85",
            "900": "#0f2f63",
            "950": "#0a1f42",
        },
    },
    "SIDEBAR": {
        "show_search": True,
        "command_search": False,
        "show_all_applications": True,
        "navigation": [
            {
                "title": _("Work screens"),
                "items": [
                    _link(_("Desk"), "dashboard", "desk:home"),
                    _link(_("Approvals"), "check", "desk:approvals"),
                    _link(_("Reports"), "bar_chart", "desk:reports"),
                    _link(_("Jobs"), "schedule", "desk:jobs"),
                    _link(_("Imports"), "upload", "desk:imports"),
                ],
            }
        ],
    },
}
