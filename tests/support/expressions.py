"""Texts that a template, a query or a mail would work out, were it made of them (S16).

Each works out to `SUM`, reads a file, or changes what stands around it; shown as text they do
nothing. `SUM` stands in none of them.
"""

from __future__ import annotations

import io
import re
from typing import Final

import pypdf

SUM: Final = "55433"
TYPST: Final = (
    "#(7919*7)",
    "$7919*7$ $integral$",
    '#eval("7919*7")',
    '#read("data.json")',
    '#include "paper.typ"',
    '#import "@preview/cetz:0.3.1": *',
    '#image("/etc/passwd")',
    "#sys.inputs.data",
    "#set page(width: 1cm)",
    "#pagebreak() #counter(page).step()",
    "]] #(7919*7) [[",
    '"; #(7919*7) //',
    "*粗* _斜_ `原` = 题 - 项 <签> @引 /* 注 */ // 注",
    "\\u{35}\\ #{7919*7}",
)
TEMPLATES: Final = (
    "{{7919*7}}",
    "{{ 7919|add:0 }}{% debug %}{% include 'base.html' %}",
    "${7919*7}",
    "#{7919*7}",
    "<%= 7919*7 %>",
    "%(title)s %(number)s %s %n %%",
    "{0.__class__.__mro__} {number!r}",
    "{{''.__class__.__mro__[1].__subclasses__()}}",
    "__import__('os').system('id')",
    "'; SELECT 7919*7; --",
    "$(expr 7919 \\* 7) `expr 7919 \\* 7`",
)
EXPRESSIONS: Final = (*TYPST, *TEMPLATES)


def bare(text: str) -> str:
    """Return a text without blanks: a paper breaks lines where it must."""
    return re.sub(r"\s+", "", text)


def on_paper(data: bytes) -> str:
    """Return the words of a PDF, without blanks."""
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    return bare("".join(page.extract_text() for page in pages))


def lost(words: str) -> list[str]:
    """Return the expressions that do not stand in the words as they were typed."""
    return [text for text in EXPRESSIONS if bare(text) not in bare(words)]
