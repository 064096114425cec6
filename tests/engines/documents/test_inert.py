"""A paper says what was typed, letter by letter; nothing of it is worked out or read in (S16)."""

from __future__ import annotations

import datetime as dt
import io

import pypdf
import pytest

from ops.engines.documents import papers, services
from ops.engines.documents.papers import Paper, PaperColumn, PaperTable, PrintForm
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import SIGNED_IN
from tests.engines.identity.factories import AT
from tests.support.expressions import EXPRESSIONS, SUM, bare, lost, on_paper

pytestmark = pytest.mark.django_db
CLERK = Actor.system("tests.clerk")


def everywhere(text: str) -> Paper:
    """Return a paper that says one text in every place it has."""
    table = PaperTable(text, [PaperColumn(text), PaperColumn(text)], [[text, text]], [text, text])
    return Paper(
        number="PO-1",
        path="/x/",
        facts=[(text, text)],
        tables=[table],
        notes=[text],
        signatures=[text],
        state=text,
    )


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Declare a form whose paper says what stands in the list."""
    told: list[str] = []

    def load(pk: int, actor: Actor, at: dt.datetime) -> Paper:
        return everywhere(told[pk])

    form = PrintForm(key="toy", title="样张", policy=SIGNED_IN, load=load)
    monkeypatch.setitem(papers._forms, "toy", form)
    return told


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_paper_shows_an_expression_and_never_works_it_out(said: list[str], text: str) -> None:
    said.append(text)

    made = services.print_document(form="toy", pk=0, actor=CLERK, at=AT)

    words = on_paper(made.data)
    assert words.count(bare(text)) == 12  # in every place of `everywhere`
    assert SUM not in words
    assert len(pypdf.PdfReader(io.BytesIO(made.data)).pages) == 1


def test_all_of_them_on_one_paper_leave_it_whole(said: list[str]) -> None:
    said.append("\n".join(EXPRESSIONS))

    made = services.print_document(form="toy", pk=0, actor=CLERK, at=AT)

    words = on_paper(made.data)
    assert lost(words) == []
    assert SUM not in words
    # No link, script or file came with the text.
    assert b"/JavaScript" not in made.data
    assert b"/EmbeddedFile" not in made.data
    assert b"/URI" not in made.data
