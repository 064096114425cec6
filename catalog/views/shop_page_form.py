"""The form of a page design: a group a placement, its fields those of its module type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.pages import FieldKind
from catalog.rules.pages import checklist
from catalog.rules.search_fields import MOST_SEARCH_TEXT, MOST_SEARCH_TITLE
from catalog.selectors import pages
from catalog.services.pages import WRITERS
from ops.engines.desk.contentforms import ContentForm
from ops.engines.desk.screens import Field, Group, LineFields
from ops.engines.kernel.actor import Actor
from ops.engines.revisions import selectors as revisions
from ops.engines.revisions.types import LiveInfo

# Between a placement and its field in the name of an input; codes hold no such mark twice.
_IN: Final = "::"
_YES_NO: Final = ((checklist.YES, _("Yes")), (checklist.NO, _("No")))
_SEARCH: Final = (
    Field("keywords", _("Search words"), required=False, most=1200,
          hint=_("With commas between, at most 30.")),
    Field("search_title", _("Title for search"), required=False, most=MOST_SEARCH_TITLE,
          hint=_("10 to 60 characters")),
    Field("search_text", _("Description for search"), required=False, most=MOST_SEARCH_TEXT,
          hint=_("30 to 160 characters")),
)  # fmt: skip
_KINDS: Final = {
    FieldKind.TEXT: "text",
    FieldKind.LINES: "lines",
    FieldKind.LINK: "text",
    FieldKind.GOODS: "text",
    FieldKind.NUMBER: "quantity",
}


class ShopPageForm(ContentForm):
    """`/shop-pages/<id>/edit/`: title, modules in order, checklist.

    What stands in a placement is asked by its module type; new modules are added by name, and their
    fields are there once the draft is kept.
    """

    policy = WRITERS
    title = _("Draft a page design")
    nav = "shop_pages"
    kind = pages.DESIGN
    key_name = "page_id"

    def fields(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return the groups: the page, one a placement, modules to add, the checklist."""
        live = pages.live_modules(at=self.at)
        placed = _placed(key["page_id"], self.at)
        return [
            Group(_("Page"), (Field("title", _("Title"), most=60),)),
            Group(_("What the page says to a search"), _SEARCH),
            *(
                _placement(each, live[each["module"]], place, key["page_id"])
                for place, each in enumerate(placed, 1)
                if each["module"] in live
            ),
            Group(_("Add modules"), (_added(live),)),
            Group(
                _("Usability checklist"),
                [_line(line) for line in checklist.LINES],
                hint=_("Mandatory lines must be met before the version is handed in."),
            ),
        ]

    def written(self, values: Mapping[str, Any], **key: Any) -> Mapping[str, Any]:
        """Return the design that was typed: placements in their order, under the plan in force."""
        live = pages.live_modules(at=self.at)
        placed = _placed(key["page_id"], self.at)
        kept = [
            (values[f"{each['key']}{_IN}order"], place, each)
            for place, each in enumerate(placed)
            if each["module"] in live and not values[f"{each['key']}{_IN}remove"]
        ]
        page = pages.page(page_id=key["page_id"], actor=self.actor)
        plan = pages.plan_in_force(channel_id=page.channel_id, at=self.at)
        return {
            "title": values["title"],
            "plan": plan.no if plan is not None else 1,
            "modules": [
                *(_filled(each, live[each["module"]], values) for _order, _place, each in
                  sorted(kept, key=lambda one: one[:2])),
                *(_new(row, live) for row in values["added"] or ()),
            ],
            "keywords": _words(values["keywords"] or ""),
            "search_title": values["search_title"] or "",
            "search_text": values["search_text"] or "",
            "checklist": {
                line.key: str(values[f"check{_IN}{line.key}"])
                for line in checklist.LINES
                if values[f"check{_IN}{line.key}"] is not None
            },
        }  # fmt: skip

    def shown(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the design as its fields show it."""
        made: dict[str, Any] = {
            "title": content["title"],
            "keywords": ", ".join(content.get("keywords", ())),
            "search_title": content.get("search_title", ""),
            "search_text": content.get("search_text", ""),
        }
        for place, each in enumerate(content["modules"], 1):
            made[f"{each['key']}{_IN}order"] = place * 10
            for name, value in each["values"].items():
                made |= _typed(f"{each['key']}{_IN}{name}", value)
        for line, answer in content["checklist"].items():
            made[f"check{_IN}{line}"] = answer
        return made

    def place(self, path: str) -> str:
        """Return the input of a path of the content."""
        match path.split("."):
            case ["modules", _place, "values", *_rest]:
                return ""
            case ["modules", key, name]:
                return f"{key}{_IN}{name}"
            case ["checklist", line]:
                return f"check{_IN}{line}"
        return path.partition(".")[0]

    def back_url(self, **key: Any) -> str:
        """Return to the page."""
        return reverse("catalog:shop_page", args=[key["page_id"]])


def _placed(page_id: int, at: Any) -> Sequence[Mapping[str, Any]]:
    """Return the placements the form starts from: those of the open draft, else of what is live."""
    open_one = revisions.open_of(kind=pages.DESIGN, subject_id=page_id)
    if open_one is not None:
        return tuple(open_one.content["modules"])
    live = revisions.live(kind=pages.DESIGN, subject_ids=[page_id], at=at).get(page_id)
    return tuple(live.content["modules"]) if live is not None else ()


def _placement(placed: Mapping[str, Any], module: LiveInfo, place: int, page_id: int) -> Group:
    key = placed["key"]
    words = {"place": place, "title": module.content["title"], "key": key}
    return Group(
        gettext("%(place)s. %(title)s (%(key)s)") % words,
        [
            *(
                each
                for field in module.content["fields"]
                for each in _inputs(f"{key}{_IN}{field['key']}", field, page_id)
            ),
            Field(f"{key}{_IN}order", _("Order on the page"), "quantity", hint=_("10, 20, 30 …")),
            Field(f"{key}{_IN}remove", _("Take this module off the page"), "flag", required=False),
        ],
    )


def _inputs(name: str, field: Mapping[str, Any], page_id: int) -> Iterator[Field]:
    """Return the inputs of one field; a required one may wait until the version is handed in."""
    kind, title = FieldKind(field["kind"]), field["title"]
    if kind is FieldKind.IMAGE:
        size = f"{field['width']} × {field['height']}"
        yield Field(
            name,
            title,
            "choice",
            required=False,
            choices=lambda _actor: [
                (str(each.id), each.name) for each in pages.pictures(page_id=page_id)
            ],
            hint=gettext("%(size)s pixels; add the picture on the page first.") % {"size": size},
        )
        yield Field(
            f"{name}{_IN}alt",
            gettext("%(title)s: words for those who cannot see it") % {"title": title},
            required=False,
            most=120,
        )
        return
    hint = _("SKUs, separated by commas") if kind is FieldKind.GOODS else ""
    most = 2000 if kind is FieldKind.GOODS else field.get("most", 200)
    yield Field(name, title, _KINDS[kind], required=False, most=most, hint=hint)


def _added(live: Mapping[str, LiveInfo]) -> LineFields:
    choices = [(code, f"{found.content['title']} ({code})") for code, found in live.items()]
    return LineFields(
        "added",
        _("Add modules"),
        (
            Field("module", _("Module type"), "choice", choices=choices),
            Field("key", _("Name of the place"), "code", most=30),
        ),
        rows=2,
        required=False,
        hint=_("Keep the draft, then fill their fields in."),
    )


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.replace("，", ",").split(",") if word.strip()]


def _line(line: checklist.Line) -> Field:
    name = f"check{_IN}{line.key}"
    if line.most is not None:
        return Field(name, line.title, "money", places=1, required=False)
    return Field(name, line.title, "choice", choices=_YES_NO, required=False)


def _filled(
    placed: Mapping[str, Any], module: LiveInfo, values: Mapping[str, Any]
) -> dict[str, Any]:
    filled = {
        field["key"]: value
        for field in module.content["fields"]
        if (value := _value(placed["key"], field, values)) not in (None, "", [])
    }
    return {
        "key": placed["key"],
        "module": placed["module"],
        "version": module.no,
        "values": filled,
    }


def _value(key: str, field: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    name = f"{key}{_IN}{field['key']}"
    given = values.get(name)
    match FieldKind(field["kind"]):
        case FieldKind.IMAGE:
            words = values.get(f"{name}{_IN}alt") or ""
            return {"file": int(given), "alt": words} if given else None
        case FieldKind.GOODS:
            marks = (given or "").replace("，", ",").split(",")
            return [code.strip() for code in marks if code.strip()]
    return given


def _new(row: Mapping[str, Any], live: Mapping[str, LiveInfo]) -> dict[str, Any]:
    code = row["module"]
    return {"key": row["key"], "module": code, "version": live[code].no, "values": {}}


def _typed(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {name: str(value["file"]), f"{name}{_IN}alt": value["alt"]}
    return {name: ", ".join(value) if isinstance(value, list) else value}
