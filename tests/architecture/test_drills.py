"""Every figure of a report leads to its rows, or the declaration says why it cannot."""

import pytest

from ops.engines.reports.declarations import Report, catalogue

NUMBERS = {"integer", "money", "decimal", "rate"}
REPORTS = sorted(name for name, each in catalogue().items() if isinstance(each, Report))


@pytest.mark.parametrize("name", REPORTS)
def test_every_figure_leads_to_its_rows_or_says_why_not(name: str) -> None:
    declared = catalogue()[name]
    assert isinstance(declared, Report)
    left = [
        column.key
        for column in declared.columns
        if column.kind in NUMBERS and column.key not in declared.drill
    ]

    assert not left or len(declared.undrilled.split()) >= 5, left


@pytest.mark.parametrize("name", REPORTS)
def test_a_drill_leads_from_a_column_there_is(name: str) -> None:
    declared = catalogue()[name]
    assert isinstance(declared, Report)

    assert set(declared.drill) <= {column.key for column in declared.columns}
