"""The translation gate sees what a translator forgot."""

from pathlib import Path

import pytest

from ops.extraction import (
    contradictions,
    faults,
    foreign_catalogue,
    sentences,
    theme_sentences,
)
from ops.translations import compile_catalogues, compiled

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Make a small product that says three sentences."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "views.py").write_text(
        'from django.utils.translation import gettext as _\n_("%(count)s crates counted.")\n'
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        "{% load i18n %}<p>{% translate 'Ship the crate' %}</p>"
        "{% blocktranslate count n=n %}{{ n }} crate{% plural %}"
        "{{ n }} crates{% endblocktranslate %}"
    )
    (tmp_path / "locale" / "parts" / "zh_Hans").mkdir(parents=True)
    return tmp_path


def say(tree: Path, text: str, part: str = "app") -> None:
    (tree / "locale" / "parts" / "zh_Hans" / f"{part}.po").write_text(HEADER + text)


def our_faults(tree: Path) -> list[str]:
    return [line for line in faults(tree, "zh_Hans") if line.startswith(("app/", "templates/page"))]


COMPLETE = (
    'msgid "%(count)s crates counted."\nmsgstr "已清点 %(count)s 箱。"\n\n'
    'msgid "Ship the crate"\nmsgstr "发货"\n\n'
    'msgid "%(n)s crate"\nmsgid_plural "%(n)s crates"\nmsgstr[0] "%(n)s 箱"\n'
)


def test_code_and_templates_are_read(tree: Path) -> None:
    assert [sentence.text for sentence in sentences(tree)] == [
        "%(count)s crates counted.",
        "%(n)s crate",
        "Ship the crate",
    ]


@pytest.mark.parametrize(
    "source",
    [
        'from django.utils.translation import gettext as now\nnow("Lift the crate")\n',
        'from django.utils.translation import gettext_lazy as later\nlater("Lift the crate")\n',
        'from django.utils.translation import ngettext as n\nn("Lift the crate", "Crates", 2)\n',
    ],
)
def test_a_sentence_said_under_another_name_is_read(tree: Path, source: str) -> None:
    (tree / "app" / "other.py").write_text(source)

    assert "Lift the crate" in {sentence.text for sentence in sentences(tree)}


def test_a_function_of_that_name_from_elsewhere_says_nothing(tree: Path) -> None:
    (tree / "app" / "other.py").write_text('from clocks import now\nnow("Lift the crate")\n')

    assert "Lift the crate" not in {sentence.text for sentence in sentences(tree)}


def test_the_catalogues_of_others_are_read_without_a_warning(
    capfd: pytest.CaptureFixture[str],
) -> None:
    catalogue = foreign_catalogue("zh_Hans")

    assert catalogue.get("Please correct the error below.")
    assert capfd.readouterr() == ("", "")


def test_complete_catalogue_has_no_fault(tree: Path) -> None:
    say(tree, COMPLETE)

    assert our_faults(tree) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (('msgid "Ship the crate"\nmsgstr "发货"\n', ""), "no translation"),
        (('"发货"', '""'), "empty"),
        (('msgid "Ship the crate"', '#, fuzzy\nmsgid "Ship the crate"'), "fuzzy"),
        (("已清点 %(count)s 箱", "已清点箱"), "placeholders"),
    ],
)
def test_fault_is_named(tree: Path, change: tuple[str, str], word: str) -> None:
    say(tree, COMPLETE.replace(*change))

    (line,) = our_faults(tree)

    assert word in line


def test_two_words_for_one_thing_are_told(tree: Path) -> None:
    say(tree, COMPLETE)
    say(tree, 'msgid "Ship the crate"\nmsgstr "寄出"\n', part="other")

    assert len(contradictions(tree, "zh_Hans")) == 1


def test_catalogue_is_compiled_when_a_part_is_newer(tree: Path) -> None:
    say(tree, COMPLETE)

    assert compile_catalogues(tree / "locale") == [compiled(tree / "locale", "zh_Hans")]
    assert compile_catalogues(tree / "locale") == []


def test_theme_is_read() -> None:
    assert "Apply Filters" in {sentence.text for sentence in theme_sentences()}
