"""Reading answers strictly, and saying which of them are abnormal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput
from ops.engines.sheets.choices import ItemKind
from ops.engines.sheets.types import ItemSpec, Option, Words

MOST_ROWS: Final = 200
MOST_ITEMS: Final = 200


def read_value(item: ItemSpec, raw: Any) -> Any:
    """Return an answer in the form it is kept in, None for none; raises BadInput.

    Photos and signatures are filled in by the service, which knows the files and the person.
    """
    if raw is None or raw == "":
        return None
    try:
        return _READERS[item.kind](item, raw)
    except BadInput as error:
        raise BadInput(error.code, f"{item.title}: {error}", field=item.key) from error


def is_abnormal(item: ItemSpec, value: Any) -> bool:
    """Say whether an answer raises a case."""
    if value is None:
        return False
    if item.kind is ItemKind.NUMBER:
        figure = Decimal(value)
        too_small = item.least is not None and figure < item.least
        return too_small or (item.most is not None and figure > item.most)
    return value in item.abnormal if isinstance(value, str) else False


def written(item: ItemSpec, value: Any) -> str:
    """Return an answer as people read it."""
    if value is None:
        return ""
    writer = _WRITERS.get(item.kind)
    return str(value) if writer is None else writer(item, value)


def document(items: Sequence[ItemSpec]) -> list[dict[str, Any]]:
    """Return items as a version keeps them: plain JSON without what is empty."""
    return [_plain(item) for item in items]


def items_of(kept: Sequence[Mapping[str, Any]]) -> list[ItemSpec]:
    """Return the items a version keeps."""
    return [_spec(each) for each in kept]


def require_items(items: Sequence[ItemSpec]) -> None:
    """Refuse items nobody could fill in; raises BadInput."""
    keys = [item.key for item in items]
    if not items or len(items) > MOST_ITEMS:
        raise BadInput("sheets.items", _("A sheet has 1 to %(most)s items.") % {"most": MOST_ITEMS})
    if len(set(keys)) < len(keys):
        raise BadInput("sheets.item_twice", _("Each item has a key of its own."))
    for item in items:
        parse.code(item.key, most=40)
        parse.text(item.title.zh, most=200, least=1)
        listed = {option.key for option in item.options}
        if item.kind in (ItemKind.CHOICE, ItemKind.TABLE) and not listed:
            raise BadInput("sheets.item_options", _("This kind of item needs a list of answers."))
        known = {"yes", "no"} if item.kind is ItemKind.YES_NO else listed
        if not set(item.abnormal) <= known:
            raise BadInput("sheets.item_abnormal", _("The abnormal answer is none of the answers."))


def _figure(_item: ItemSpec, raw: Any) -> str:
    figure = parse.money(raw, places=4, negative=True)
    return format(figure, "f")


def _pick(item: ItemSpec, raw: Any) -> str:
    known = {"yes", "no"}
    if item.kind is ItemKind.CHOICE:
        known = {option.key for option in item.options}
    if not isinstance(raw, str) or raw not in known:
        raise BadInput("sheets.choice", _("Please choose one of the list."))
    return raw


def _rows(item: ItemSpec, raw: Any) -> list[dict[str, str]] | None:
    if not isinstance(raw, list) or len(raw) > MOST_ROWS:
        raise BadInput(
            "sheets.table", _("A table has at most %(most)s rows.") % {"most": MOST_ROWS}
        )
    known = {option.key for option in item.options}
    rows = []
    for row in raw:
        if not isinstance(row, dict) or not set(row) <= known:
            raise BadInput("sheets.table_row", _("This row has other columns than the sheet."))
        read = {key: parse.text(cell, most=200).strip() for key, cell in row.items()}
        if any(read.values()):
            rows.append(read)
    return rows or None


def _written_rows(item: ItemSpec, value: Any) -> str:
    mark = _(", ")
    rows = (
        mark.join(f"{item.option(key)} {cell}" for key, cell in row.items() if cell)
        for row in value
    )
    return "; ".join(rows)


_WRITERS: Final[Mapping[ItemKind, Callable[[ItemSpec, Any], str]]] = {
    ItemKind.YES_NO: lambda _i, value: _("Yes") if value == "yes" else _("No"),
    ItemKind.CHOICE: lambda item, value: item.option(value),
    ItemKind.NUMBER: lambda item, value: f"{value} {item.unit}".strip(),
    ItemKind.PHOTO: lambda _i, value: _("%(count)s photos") % {"count": len(value)},
    ItemKind.SIGNATURE: lambda _i, value: str(value["name"]),
    ItemKind.TABLE: _written_rows,
}
_READERS: Final[Mapping[ItemKind, Callable[[ItemSpec, Any], Any]]] = {
    ItemKind.YES_NO: _pick,
    ItemKind.CHOICE: _pick,
    ItemKind.NUMBER: _figure,
    ItemKind.TEXT: lambda _i, raw: parse.text(raw, most=2000, lines=True).strip() or None,
    ItemKind.DAY: lambda _i, raw: parse.day(raw).isoformat(),
    ItemKind.TABLE: _rows,
    ItemKind.PHOTO: lambda _i, raw: raw,
    ItemKind.SIGNATURE: lambda _i, raw: raw,
}


def _plain(item: ItemSpec) -> dict[str, Any]:
    full = {
        "key": item.key,
        "kind": str(item.kind),
        "title": item.title.zh,
        "title_en": item.title.en,
        "hint": item.hint.zh,
        "hint_en": item.hint.en,
        "abnormal": list(item.abnormal),
        "least": None if item.least is None else format(item.least, "f"),
        "most": None if item.most is None else format(item.most, "f"),
        "unit": item.unit.zh,
        "unit_en": item.unit.en,
        "options": [
            {"key": each.key, "title": each.title.zh, "title_en": each.title.en}
            for each in item.options
        ],
    }
    kept = {key: value for key, value in full.items() if value not in ("", None, [])}
    return {**kept, "required": item.is_required}


def _spec(kept: Mapping[str, Any]) -> ItemSpec:
    return ItemSpec(
        key=kept["key"],
        kind=ItemKind(kept["kind"]),
        title=Words(kept["title"], kept.get("title_en", "")),
        hint=Words(kept.get("hint", ""), kept.get("hint_en", "")),
        abnormal=tuple(kept.get("abnormal", ())),
        least=Decimal(kept["least"]) if "least" in kept else None,
        most=Decimal(kept["most"]) if "most" in kept else None,
        unit=Words(kept.get("unit", ""), kept.get("unit_en", "")),
        options=tuple(
            Option(each["key"], Words(each["title"], each.get("title_en", "")))
            for each in kept.get("options", ())
        ),
        is_required=kept["required"],
    )
