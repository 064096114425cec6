"""W3: a stock count from the frozen book to the posted difference."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator

from inventory.choices import VarianceCause, VarianceTreatment
from inventory.models import CountLine
from inventory.services import counting, counts, history, places, variances
from inventory.types import CountEntry, Explanation, HistoryRow
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from tests.bench import ground, people
from tests.bench.measure import Row, in_turn, seconds

SKUS = 10_000
_numbers = itertools.count(1)
_SYSTEM = Actor.importer("bench")


def _warehouse() -> int:
    number = next(_numbers)
    made = places.create_warehouse(
        code=f"COUNT{number}", name="count", actor=_SYSTEM, at=ground.NOW
    )
    day = ground.NOW - dt.timedelta(days=1)
    history.import_history(
        batch_id=1_000 + number,
        warehouse_id=made.id,
        actor=_SYSTEM,
        at=ground.NOW,
        rows=(
            HistoryRow(
                line_no=n,
                sku_id=n,
                quantity=100,
                reason="opening",
                business_day=day.date(),
                at=day,
                effect_key=f"count:{number}:{n}",
            )
            for n in range(1, SKUS + 1)
        ),
    )
    return made.id


def _count(warehouse_id: int) -> None:
    """Freeze, enter every SKU, count one in a hundred again, explain, approve, post."""
    keeper = people.actor("bench-keeper", Role.WAREHOUSE_KEEPER)
    machine, at = Actor.system("bench"), dt.datetime.now(dt.UTC)
    count = counts.open_count(warehouse_id=warehouse_id, kind="cycle", actor=machine, at=at)
    counts.start_count(count_id=count.id, actor=machine, at=at)
    entries = [
        CountEntry(sku_id=n, quantity=99 if n % 100 == 0 else 100) for n in range(1, SKUS + 1)
    ]
    sheet_no = CountLine.objects.filter(count_id=count.id).values_list("sheet__sheet_no", flat=True)
    counting.enter(
        count_id=count.id, sheet_no=sheet_no[0], entries=entries, actor=_wide(keeper), at=at
    )
    counts.sign_sheets(count_id=count.id, actor=_wide(keeper), at=at)
    counts.close_counting(count_id=count.id, actor=_wide(keeper), at=at)
    again = CountLine.objects.filter(count_id=count.id, needs_recount=True)
    second = people.actor("bench-second", Role.WAREHOUSE_KEEPER)
    counting.recount(
        count_id=count.id,
        quantities=dict.fromkeys(again.values_list("pk", flat=True), 99),
        actor=_wide(second),
        at=at,
    )
    lines = CountLine.objects.filter(count_id=count.id).exclude(variance=0)
    variances.explain(
        count_id=count.id,
        explanations=[
            Explanation(
                line_id=pk,
                cause=VarianceCause.LOSS,
                responsible="bench",
                treatment=VarianceTreatment.ADJUST,
            )
            for pk in lines.values_list("pk", flat=True)
        ],
        actor=_wide(keeper),
        at=at,
    )
    variances.submit_count(count_id=count.id, actor=_wide(keeper), at=at)
    _approve(count.id)


def _wide(actor: Actor) -> Actor:
    """Let a keeper work in every warehouse: grants are not what is measured."""
    letters = {area: frozenset("".join(held).upper()) for area, held in actor.rights.items()}
    return Actor(
        kind=actor.kind,
        name=actor.name,
        person_id=actor.person_id,
        user_id=actor.user_id,
        roles=actor.roles,
        rights=letters,
    )


def _approve(count_id: int) -> None:
    manager = people.actor("bench-manager", Role.STORE_MANAGER)
    director = people.actor("bench-director", Role.OPERATIONS_DIRECTOR)
    for actor in (manager, director):
        request = Request.objects.filter(
            subject_type="inventory.stockcount", subject_id=count_id, state="submitted"
        ).first()
        if request is not None:
            approvals.approve(
                request_id=request.pk,
                content_hash=request.content_hash,
                actor=actor,
                at=dt.datetime.now(dt.UTC),
                opinion="bench",
            )


_LIMIT = """
TRUNCATE limits.counts, limits.moves;
INSERT INTO limits.counts SELECT sku, on_hand, NULL FROM limits.stock WHERE sku <= 10000;
UPDATE limits.counts SET counted = book - (sku %% 100 = 0)::int;
INSERT INTO limits.moves SELECT sku, counted - book FROM limits.counts WHERE counted <> book;
UPDATE limits.stock s SET on_hand = on_hand + m.quantity FROM limits.moves m WHERE m.sku = s.sku;
"""


def _limit() -> float:
    link = ground.connect(owner=True)
    with link, link.cursor() as cursor:
        elapsed = seconds(lambda: cursor.execute(_LIMIT.replace("%%", "%")))
    link.close()
    return 1000 * elapsed


def count() -> Iterator[Row]:
    """W3: count 10,000 SKUs, one in a hundred differs."""
    people.actor("bench-manager", Role.STORE_MANAGER)
    people.actor("bench-director", Role.OPERATIONS_DIRECTOR)

    def ours() -> float:
        warehouse_id = _warehouse()
        return 1000 * seconds(lambda: _count(warehouse_id))

    project, limit = in_turn(ours, _limit)
    yield Row(
        "W3", "count 10,000 SKUs, freeze to posted", "ms", project, limit, 0.2, better="lower"
    )
