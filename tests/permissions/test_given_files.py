"""S5: no file of a report or a pack gives a cost to who may not read it, or a person to anybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from ops.engines.identity.policies import SEE_COST
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.reports import services
from ops.engines.reports.choices import Format, PeriodKind
from ops.engines.reports.declarations import Declared, catalogue
from ops.engines.reports.periods import containing
from tests.badinput.ground import Ground
from tests.badinput.judging import FULL
from tests.permissions import stage
from tests.permissions.canaries import COST, TEXTS, WORTH, plant
from tests.support.reading import words_in

SYSTEM = Actor.system("tests.permissions")
# The longest first: what was planted today is in it.
KINDS = (
    PeriodKind.YEAR, PeriodKind.HALF, PeriodKind.QUARTER, PeriodKind.MONTH, PeriodKind.WEEK,
    PeriodKind.DAY,
)  # fmt: skip


ORDER = (Format.JSON, Format.CSV, Format.XLSX, Format.PDF, Format.ZIP)
# A paper of many rows is set for a long time, and says what the other files say.
MOST_ON_PAPER, MOST_IN_A_BOOK = (10**6, 10**6) if FULL else (60, 1_000)


@dataclass(frozen=True)
class Given:
    """A file that was made, and what of the planted things can be read in it."""

    declared: Declared
    run_id: int
    fmt: str
    words: str

    @property
    def costs(self) -> bool:
        """Say whether the planted cost stands in it."""
        return any(cost in self.words for cost in (*COST, *WORTH))

    @property
    def persons(self) -> list[str]:
        """Return which planted personal texts stand in it."""
        return [text for text in TEXTS if text in self.words]


def period_of(declared: Declared, today: dt.date) -> str:
    """Return the longest period of a report that holds today."""
    kind = next(kind for kind in KINDS if kind in declared.period_kinds)
    return containing(kind, today).text


def files_of(declared: Declared, at: dt.datetime) -> Iterator[Given]:
    """Make the files of a report, the cheap ones first, and read them."""
    period, rows = period_of(declared, business_day(at)), 0
    for fmt in sorted(declared.formats, key=ORDER.index):
        if rows > {Format.PDF: MOST_ON_PAPER, Format.XLSX: MOST_IN_A_BOOK}.get(fmt, rows):
            continue
        file = services.build(name=declared.name, period=period, fmt=fmt, actor=SYSTEM, at=at)
        rows = file.rows
        yield Given(declared, file.run_id, fmt, words_in(file.path.read_bytes()))


def blind(ground: Ground) -> list[str]:
    """Return the accounts that may not read costs."""
    return [name for name, actor in ground.actors.items() if not SEE_COST.allows(actor)]


def opens(ground: Ground, who: str, one: Given) -> bool:
    """Say whether somebody gets a file, by the screens or as a program."""
    run = f"{one.declared.name}/runs/{one.run_id}/file/"
    by_hand = ground.browser(who).get(f"/reports/runs/{one.run_id}/file/")
    by_program = ground.api(who).get(f"{stage.API}/reports/{run}")
    assert {by_hand.status_code, by_program.status_code} <= {200, 403, 404}, (who, run)
    return 200 in {by_hand.status_code, by_program.status_code}


def test_no_file_gives_a_cost_or_a_person_away(ground: Ground) -> None:
    plant(ground)
    at = timezone.now()
    made = [one for _name, each in sorted(catalogue().items()) for one in files_of(each, at)]
    costly = {one.declared.name: one for one in made if one.costs}
    seeing = [name for name in ground.actors if name not in blind(ground)]

    assert len(made) > 80
    assert {one.declared.name for one in made} == set(catalogue())
    assert {Format.PDF, Format.XLSX, Format.CSV, Format.JSON, Format.ZIP} <= {
        one.fmt for one in made
    }
    assert [(one.declared.name, one.fmt, one.persons) for one in made if one.persons] == []
    # The cost is found where it belongs, and by those it belongs to.
    assert {"stock_in_out_onhand", "approvals_decided", "journal", "audit_pack"} <= set(costly)
    for one in costly.values():
        assert any(opens(ground, who, one) for who in seeing), one.declared.name
    leaks = [
        (who, one.declared.name)
        for one in costly.values()
        for who in blind(ground)
        if opens(ground, who, one)
    ]
    assert leaks == []
