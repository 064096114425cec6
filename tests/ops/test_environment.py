"""Settings are read strictly: a wrong word stops the start and is named."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from ops import environment


@pytest.mark.parametrize(("raw", "meant"), [("1", True), ("yes", True), ("0", False), ("", True)])
def test_flag_reads_yes_and_no(monkeypatch: pytest.MonkeyPatch, raw: str, meant: bool) -> None:  # noqa: FBT001
    monkeypatch.setenv("A_FLAG", raw)

    assert environment.flag("A_FLAG", default=True) is meant


def test_flag_refuses_another_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_FLAG", "maybe")

    with pytest.raises(ImproperlyConfigured, match="A_FLAG must be 1 or 0"):
        environment.flag("A_FLAG", default=True)


def test_number_and_choice_refuse_what_they_do_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_NUMBER", "ten")

    with pytest.raises(ImproperlyConfigured, match="A_NUMBER must be a whole number"):
        environment.integer("A_NUMBER", 1)
    with pytest.raises(ImproperlyConfigured, match="A_NUMBER must be one of"):
        environment.choice("A_NUMBER", ("one", "two"))


def test_database_url_over_tcp() -> None:
    read = environment.database("postgresql://app:p%40ss@db.example:6432/shop?sslmode=require")

    assert (read["HOST"], read["PORT"], read["NAME"]) == ("db.example", "6432", "shop")
    assert (read["USER"], read["PASSWORD"]) == ("app", "p@ss")
    assert read["OPTIONS"] == {"sslmode": "require"}


def test_database_url_over_a_socket() -> None:
    read = environment.database("postgresql://app:x@/shop?host=/run/pg")

    assert (read["HOST"], read["PORT"]) == ("/run/pg", "")


def test_database_url_of_another_engine_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="postgresql://"):
        environment.database("sqlite:///shop.db")
