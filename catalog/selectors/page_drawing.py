"""A version of a page as its drawing needs it: modules in order, texts, pictures, goods."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.choices.pages import FieldKind, PageKind
from catalog.models import PageModule, ShopPage, Sku
from catalog.selectors import pages, prices
from ops.engines.desk import formats
from ops.engines.files import services as files
from ops.engines.kernel.actor import Actor
from ops.engines.revisions import selectors as revisions
from ops.engines.revisions.types import RevisionInfo

TEMPLATE: Final = Path(__file__).parent.parent / "page.typ"
_READER: Final = Actor.system("shop pages")


def drawing(version: RevisionInfo, *, at: datetime) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return what the drawing of a page shows, and its pictures by name.

    Module types are taken in the version the page names; goods without a price there show none.
    """
    page = ShopPage.objects.select_related("channel").get(pk=version.subject_id)
    kinds = _modules(version.content)
    goods = _goods(version.content, page.channel_id, at)
    pictures: dict[str, bytes] = {}
    modules = [
        {"fields": list(_fields(placed, kinds.get(placed["module"], {}), goods, pictures))}
        for placed in version.content["modules"]
    ]
    data = {
        "lang": (get_language() or "zh-hans")[:2],
        "shop": page.channel.name,
        "search": _("Search"),
        "modules": modules,
        "foot": f"{PageKind(page.kind).label} · {_('version %(no)s') % {'no': version.no}}",
    }
    return data, pictures


def _modules(content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the fields of each placed module type, as its named version has them."""
    wanted = {placed["module"]: placed["version"] for placed in content["modules"]}
    rows = dict(PageModule.objects.filter(code__in=wanted).values_list("code", "pk"))
    return {
        code: {field["key"]: field for field in found["fields"]}
        for code, pk in rows.items()
        if (found := revisions.content_of(kind=pages.MODULE, subject_id=pk, no=wanted[code]))
    }


def _goods(content: Mapping[str, Any], channel_id: int, at: datetime) -> dict[str, dict[str, str]]:
    codes = {
        code
        for placed in content["modules"]
        for value in placed["values"].values()
        if isinstance(value, list)
        for code in value
    }
    rows = list(Sku.objects.filter(code__in=codes).values_list("pk", "code", "name"))
    cost = prices.price_at(sku_ids=[pk for pk, _c, _n in rows], channel_id=channel_id, at=at)
    return {
        code: {"name": name, "price": f"¥{formats.money(cost[pk])}" if pk in cost else ""}
        for pk, code, name in rows
    }


def _fields(
    placed: Mapping[str, Any],
    kinds: Mapping[str, Mapping[str, Any]],
    goods: Mapping[str, dict[str, str]],
    pictures: dict[str, bytes],
) -> Any:
    is_first = True
    for key, field in kinds.items():
        value = placed["values"].get(key)
        if value in (None, "", []):
            continue
        made: dict[str, Any] = {
            "kind": field["kind"],
            "title": field["title"],
            "text": value if isinstance(value, str) else "",
            "first": is_first and field["kind"] == FieldKind.TEXT,
            "path": "",
            "ratio": 0.5,
            "goods": [],
        }
        is_first = is_first and field["kind"] != FieldKind.TEXT
        if field["kind"] == FieldKind.NUMBER:
            made["text"] = formats.number(value)
        elif field["kind"] == FieldKind.GOODS:
            made["goods"] = [goods.get(code, {"name": code, "price": ""}) for code in value]
        elif field["kind"] == FieldKind.IMAGE:
            made |= {"text": value["alt"], "ratio": field["height"] / field["width"]}
            made["path"] = _picture(value["file"], pictures)
        yield made


def _picture(file_id: int, pictures: dict[str, bytes]) -> str:
    opened = files.open_file(attachment_id=file_id, actor=_READER)
    name = f"{file_id}{Path(opened.path).suffix}"
    pictures[name] = opened.path.read_bytes()
    return name
