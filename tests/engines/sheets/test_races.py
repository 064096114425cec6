"""Two people at one sheet at once, with real threads."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

import pytest
from django.db import connections

from ops.engines.kernel.errors import OpsError
from ops.engines.sheets import errors, selectors, services
from ops.engines.sheets.models import Answer, Sheet, Signature
from tests.engines.sheets.toys import (
    AT,
    FIRST,
    LAST,
    LATER,
    SYSTEM,
    Team,
    entry,
    fill,
    opened,
    team,
)
from tests.support import cluster


def together(*deeds: Callable[[], object]) -> list[object]:
    """Run the deeds at once and return what each gave or refused."""
    gate, results = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int, deed: Callable[[], object]) -> None:
        gate.wait()
        try:
            results[place] = deed()  # type: ignore[call-overload]
        except OpsError as refusal:
            results[place] = refusal  # type: ignore[call-overload]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return list(results)


@pytest.fixture(name="crew")
def fixture_crew(own_database: cluster.OwnDatabase) -> Team:
    """Return the people in a database of this test's own."""
    return team()


def test_the_same_entry_from_two_connections_counts_once(crew: Team) -> None:
    sheet, keeper = opened(crew), crew.actor("keeper")
    one = entry("door", "yes", client_key=uuid.uuid4())

    def send() -> object:
        return services.answer(sheet_id=sheet.id, entries=[one], actor=keeper, at=AT).written

    assert sorted(map(str, together(send, send, send))) == ["0", "0", "1"]
    assert Answer.objects.count() == 1


def test_an_entry_and_a_hand_at_once_leave_a_hand_under_what_stands_there(crew: Team) -> None:
    keeper = crew.actor("keeper")
    for period in ("2026-11", "2026-12", "2027-01"):
        sheet = opened(crew, period)
        fill(sheet, keeper)
        digest = selectors.content_hash(sheet.id)
        late = entry("heat", "7")

        signed, answered = together(
            lambda sheet=sheet, digest=digest: services.sign(  # type: ignore[misc]
                sheet_id=sheet.id, content_hash=digest, actor=keeper, at=LATER
            ),
            lambda sheet=sheet, late=late: services.answer(  # type: ignore[misc]
                sheet_id=sheet.id,
                entries=[late],
                actor=crew.actor("second_keeper"),
                at=LATER,
            ),
        )

        hand = Signature.objects.filter(sheet_id=sheet.id).first()
        if hand is None:
            assert isinstance(signed, errors.EntriesMoved)
        else:
            assert isinstance(answered, errors.SheetSettled)
            assert hand.content_hash == selectors.content_hash(sheet.id)


def test_opening_from_two_places_at_once_opens_once(crew: Team) -> None:
    def open_all() -> object:
        made = services.open_sheets(
            template="toy_check", period="2026-11", first=FIRST, last=LAST, actor=SYSTEM, at=AT
        )
        return len(made)

    assert sorted(map(str, together(open_all, open_all))) == ["0", "2"]
    assert Sheet.objects.count() == 2
