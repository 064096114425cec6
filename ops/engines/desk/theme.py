"""The record cupboard (`/admin/`) in the house's style: what `settings.UNFOLD` holds.

Its colours stand in `cupboard.css`: the theme would write them into each page.
"""

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
    "THEME": "light",
    "STYLES": [_styles],
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
