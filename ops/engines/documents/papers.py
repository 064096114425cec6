"""Printable forms: apps declare what a paper says, the engine sets it, codes it and signs it.

Declared in an app's `prints.py`:

    print_form(PrintForm("purchase_order", title=_("Purchase order"), policy=VIEW, load=paper))
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from django.utils.functional import Promise

from ops.engines.documents.errors import FormUnknown
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import Policy, declare

Text = str | Promise
STANDARD: Final = Path(__file__).with_name("form.typ")


@dataclass(frozen=True, slots=True)
class PaperColumn:
    """One column of a table on paper; `share` is its part of the breadth."""

    title: Text
    share: int = 10
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class PaperTable:
    """One table on paper: texts as they are read, row by row; `total` is the last row."""

    title: Text
    columns: Sequence[PaperColumn]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What one printed document says.

    `number` is what the barcode carries; `path` the address of the record, for the QR code.
    """

    number: str
    path: str
    facts: Sequence[tuple[Text, str]]
    tables: Sequence[PaperTable]
    notes: Sequence[str] = ()
    signatures: Sequence[Text] = ()
    state: str = ""


Load = Callable[[int, Actor, dt.datetime], Paper]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintForm:
    """One declared form; `load(pk, actor, at)` raises NotFound outside the actor's scope.

    `template` is a typst file that reads the same data as the standard one.
    """

    key: str
    title: Text
    policy: Policy
    load: Load
    template: Path = STANDARD


_forms: dict[str, PrintForm] = {}


def print_form(form: PrintForm) -> PrintForm:
    """Enter a form and its policy. Raises ValueError when its key is taken."""
    if form.key in _forms:
        raise ValueError(f"form {form.key} is declared twice")
    declare("print", form.key, form.policy)
    _forms[form.key] = form
    return form


def form_named(key: str) -> PrintForm:
    """Return one declared form. Raises FormUnknown."""
    if key not in _forms:
        raise FormUnknown(key)
    return _forms[key]


def forms() -> Mapping[str, Any]:
    """Return every declared form by key."""
    return MappingProxyType(_forms)
