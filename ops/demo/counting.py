"""Stock counts: one under way, one whose variance report waits for the director."""

from __future__ import annotations

from typing import Final

from inventory.choices import CountKind, VarianceCause, VarianceTreatment
from inventory.models import CountLine, CountSheet
from inventory.services import counting, counts, variances
from inventory.types import CountEntry, CountInfo, Explanation
from ops.demo.scene import Scene
from ops.engines.kernel.errors import OpsError

# How far four lines of the finished count are off.
_OFF: Final = (-3, 2, -8, 1)


def count_stock(scene: Scene) -> None:
    """Leave a count in Guangzhou half done and hand in the one of Hangzhou."""
    _half_done(scene)
    _handed_in(scene)


def _open(scene: Scene, warehouse: str, kind: CountKind, period: str, keeper: str) -> CountInfo:
    actor, at = scene.actor(keeper), scene.plan.at
    made = counts.open_count(
        warehouse_id=scene.company.warehouses[warehouse].id,
        kind=kind,
        period=period,
        actor=actor,
        at=at,
    )
    counts.start_count(count_id=made.id, actor=actor, at=at)
    return made


def _enter(scene: Scene, count: CountInfo, keeper: str, *, part: int, off: dict[int, int]) -> None:
    """Count the first lines of every sheet; `off` says by how much which line differs."""
    for sheet in CountSheet.objects.filter(count_id=count.id).order_by("sheet_no"):
        lines = CountLine.objects.filter(sheet=sheet).order_by("pk")
        entries = [
            CountEntry(sku_id=line.sku_id, quantity=line.book_quantity + off.get(line.pk, 0))
            for line in lines
        ]
        if entries:
            counting.enter(
                count_id=count.id,
                sheet_no=sheet.sheet_no,
                entries=entries[: len(entries) // part],
                actor=scene.actor(keeper),
                at=scene.plan.at,
            )


def _half_done(scene: Scene) -> None:
    year, week, _day = scene.plan.today.isocalendar()
    count = _open(scene, "GZ", CountKind.CYCLE, f"{year}-W{week:02d}", "keeper2")
    _enter(scene, count, "keeper2", part=2, off={})


def _handed_in(scene: Scene) -> None:
    at, today = scene.plan.at, scene.plan.today
    count = _open(scene, "HZ", CountKind.QUARTER, f"{today:%Y}-Q{(today.month + 2) // 3}", "keeper")
    lines = CountLine.objects.filter(count_id=count.id, book_quantity__gt=10).order_by("pk")
    off = {line.pk: by for line, by in zip(lines[: len(_OFF)], _OFF, strict=True)}
    _enter(scene, count, "keeper", part=1, off=off)
    counts.sign_sheets(count_id=count.id, actor=scene.actor("keeper"), at=at)
    counts.sign_sheets(count_id=count.id, actor=scene.actor("finance"), at=at)
    counts.close_counting(count_id=count.id, actor=scene.actor("keeper"), at=at)
    again = CountLine.objects.filter(count_id=count.id, needs_recount=True)
    counting.recount(
        count_id=count.id,
        quantities={line.pk: line.counted or 0 for line in again},
        actor=scene.actor("keeper2"),
        at=at,
    )
    _explain(scene, count, list(off))
    variances.submit_count(count_id=count.id, actor=scene.actor("keeper"), at=at)


def _explain(scene: Scene, count: CountInfo, line_ids: list[int]) -> None:
    """Explain all lines but try one without a cause first: that is refused."""
    keeper, at = scene.actor("keeper"), scene.plan.at
    *known, lost = line_ids
    causes = (VarianceCause.LOSS, VarianceCause.NOT_BOOKED, VarianceCause.DAMAGE)
    explained = [
        Explanation(
            line_id=line_id,
            cause=cause,
            responsible="杭州余杭仓",
            treatment=VarianceTreatment.ADJUST,
            note="盘点小组现场核对",
        )
        for line_id, cause in zip(known, causes, strict=True)
    ]
    variances.explain(count_id=count.id, explanations=explained, actor=keeper, at=at)
    nameless = Explanation(
        line_id=lost,
        cause=VarianceCause.NOT_FOUND,
        responsible="杭州余杭仓",
        treatment=VarianceTreatment.ADJUST,
    )
    try:
        variances.explain(count_id=count.id, explanations=[nameless], actor=keeper, at=at)
    except OpsError as refusal:
        scene.planted.add(
            "count_cause_missing",
            f"{count.number} line {lost}",
            "refused: a difference without a cause needs a note",
            refusal.code,
        )
    noted = Explanation(
        line_id=lost,
        cause=VarianceCause.NOT_FOUND,
        responsible="杭州余杭仓",
        treatment=VarianceTreatment.ADJUST,
        note="复盘两次未查明原因",
    )
    variances.explain(count_id=count.id, explanations=[noted], actor=keeper, at=at)
    scene.planted.add(
        "count_cause_not_found",
        f"{count.number} line {lost}",
        "goes to the director with the note that no cause was found",
    )
