"""S7: whatever text people managed to store, no list brings it out as a formula, none changes it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from psycopg2 import sql

from ops.engines.desk.lists import ListScreen
from ops.engines.tables.inert import is_risky, unmark
from tests.architecture.test_rules import ROOT, imported, place, sources
from tests.badinput.ground import Ground
from tests.badinput.pages import WALKERS, screens
from tests.engines.tables.test_writer import PAYLOADS
from tests.support.cells import acting, cells

ROWS = 12  # of each table get a payload in each text they can hold
FEWEST_COLUMNS, FEWEST_LISTS, FEWEST_PAYLOADS = 60, 20, 100
# Where people's words are kept; the other engines keep names that programs look up.
_WORDS = {
    "catalog", "inventory", "customers", "marketing", "finance", "sheets", "approvals",
    "notices",
}  # fmt: skip


def texts() -> Iterator[tuple[type[models.Model], models.Field[Any, Any]]]:
    """Yield every column people's words may end up in."""
    for model in apps.get_models():
        meta = model._meta
        if meta.app_label not in _WORDS or not meta.managed or meta.proxy:
            continue
        for field in meta.concrete_fields:
            is_words = isinstance(field, models.CharField | models.TextField)
            is_sealed = field.name.endswith(("_enc", "wrapped"))  # ciphertext holds no words
            if is_words and not field.choices and not field.primary_key and not is_sealed:
                yield model, field


def fill() -> tuple[int, set[str]]:
    """Put a payload into every text of some rows of every table; what refuses keeps its own."""
    columns, used, turn = 0, set(), 0
    for model, field in texts():
        room = getattr(field, "max_length", None) or 200
        taken = 0
        for pk in model._default_manager.order_by("pk").values_list("pk", flat=True)[:ROWS]:
            turn += 1
            payload = PAYLOADS[turn % len(PAYLOADS)]
            if len(payload) > room:
                continue
            statement = sql.SQL("UPDATE {} SET {} = %s WHERE {} = %s").format(
                sql.Identifier(model._meta.db_table),
                sql.Identifier(field.column or ""),
                sql.Identifier(model._meta.pk.column or ""),
            )
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement, [payload, pk])
            except DatabaseError:
                continue
            taken += 1
            used.add(payload)
        columns += taken > 0
    return columns, used


def lists() -> list[str]:
    """Return the addresses of all lists."""
    found = screens().items()
    return sorted(
        path for path, owner in found if issubclass(owner, ListScreen) and "<" not in path
    )


def exported(ground: Ground, path: str, kind: str) -> bytes | None:
    """Return a list as a file, from the first account that may take it."""
    for account in WALKERS:
        answer = ground.browser(account).get(f"{path}?export={kind}&tab=all")
        if answer.status_code == 400:
            answer = ground.browser(account).get(f"{path}?export={kind}")
        assert answer.status_code < 500, (path, kind, account)
        if answer.status_code == 200 and "attachment" in answer.get("Content-Disposition", ""):
            return answer.content
    return None


def cells_of_csv(content: bytes) -> list[str]:
    """Return every cell as it stands in the file."""
    return [
        cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), "")) for cell in row
    ]


def is_number(text: str) -> bool:
    """Say whether a cell holds a plain number, which needs no mark."""
    return text.removeprefix("-").replace(".", "", 1).isdecimal() and text.isascii()


def test_no_list_brings_out_a_formula_and_every_text_comes_back(ground: Ground) -> None:
    columns, used = fill()
    risky = {payload for payload in used if is_risky(payload)}
    risky_in_csv: list[tuple[str, str]] = []
    formulas: list[tuple[str, str]] = []
    back: dict[str, set[str]] = {"csv": set(), "xlsx": set()}
    taken = 0
    for path in lists():
        if (plain := exported(ground, path, "csv")) is None:
            continue
        taken += 1
        told = cells_of_csv(plain)
        risky_in_csv += [
            (path, c) for c in told if is_risky(c) and c[:1] != "'" and not is_number(c)
        ]
        back["csv"] |= {unmark(cell) for cell in told if not is_number(cell)}
        book = exported(ground, path, "xlsx") or b""
        formulas += [(path, one) for one in acting(book)]
        back["xlsx"] |= {unmark(cell.text) for cell in cells(book) if cell.kind == "text"}

    assert columns >= FEWEST_COLUMNS, columns
    assert taken >= FEWEST_LISTS, taken
    assert len(risky & back["csv"]) >= FEWEST_PAYLOADS, len(risky & back["csv"])
    assert risky & back["csv"] <= back["xlsx"]
    assert risky_in_csv == []
    assert formulas == []


def test_no_other_module_writes_tables() -> None:
    others = [
        (path, tree, path.read_text())
        for path, tree in sources()
        if "ops/engines/tables/" not in str(path.relative_to(ROOT))
    ]

    found = [
        place(path, node)
        for path, tree, text in others
        if "xlsxwriter" in text or "openpyxl" in text or "csv" in text
        for node, name in imported(tree)
        if name.partition(".")[0] in {"xlsxwriter", "openpyxl"} or name == "csv.writer"
    ]
    writes = [
        place(path, tree)
        for path, tree, text in others
        if any(mark in text for mark in ("csv.writer(", "DictWriter(", ".to_csv("))
        and "COPY " not in text  # text for the database, which nobody opens
    ]

    assert found == []
    assert writes == []
