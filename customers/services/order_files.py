"""Order files of any channel: one row per line, rows of one order need not stand together.

An order is taken whole or not at all: where one of its rows cannot be read, none of them counts.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from customers.services import placing
from customers.types import BuyerDraft, Complaint, LineDraft, OrderDraft, Outcome, Verdict
from ops.engines.kernel.actor import Actor
from ops.engines.tables.intake import Intake, Reject, Row
from ops.engines.tables.types import LoadResult

AT_ONCE: Final = 2_000
_HEAD: Final = (
    "placed_at",
    "paid_at",
    "buyer",
    "name",
    "phone",
    "address",
    "country",
    "cod",
    "shipping",
)


@dataclass(slots=True)
class _Gathered:
    """The rows of one order, in the order of the file."""

    number: str
    rows: list[Row] = field(default_factory=list)
    complaint: str = ""

    def add(self, row: Row) -> None:
        """Take a row; what it says of the order must agree with the rows before."""
        if self.rows and any(row.values[key] != self.rows[0].values[key] for key in _HEAD):
            self.complaint = "customers.rows_disagree"
        self.rows.append(row)


def load_orders(
    intake: Intake, *, channel: str, batch_id: int, actor: Actor, at: dt.datetime
) -> LoadResult:
    """Place the orders of a file; every row is accepted, a duplicate, or rejected with a reason.

    Raises ChannelUnknown.
    """
    gathered: dict[str, _Gathered] = {}
    for row in intake.rows():
        number = row.values["order_no"]
        gathered.setdefault(number, _Gathered(number)).add(row)
    for number in _broken(intake):
        if number in gathered:
            gathered[number].complaint = "customers.order_incomplete"
    whole = [one for one in gathered.values() if not one.complaint]
    rejects = [r for one in gathered.values() if one.complaint for r in _unfit(one)]
    counts: Counter[str] = Counter()
    for start in range(0, len(whole), AT_ONCE):
        part = whole[start : start + AT_ONCE]
        done = placing.place_orders(
            [_draft(one) for one in part],
            channel=channel,
            batch_id=batch_id,
            actor=actor,
            at=at,
        )
        for one, outcome in zip(part, done, strict=True):
            counts[outcome.verdict.value] += 1
            counts[f"lines {outcome.verdict.value}"] += len(one.rows)
            if outcome.verdict is Verdict.REFUSED:
                rejects.extend(_refused(one, outcome))
    return LoadResult(
        accepted=counts["lines accepted"] + counts["lines held"],
        duplicate=counts["lines duplicate"],
        rejects=rejects,
        totals={f"orders {verdict.value}": counts[verdict.value] for verdict in Verdict},
    )


def _broken(intake: Intake) -> set[str]:
    """Return the numbers of orders of which a row could not be read."""
    place = intake.layout.places[[c.key for c in intake.profile.columns].index("order_no")]
    trim = intake.profile.trim or None
    return {
        reject.cells[place].strip(trim)
        for reject in intake.rejects
        if place is not None and place < len(reject.cells)
    }


def _draft(one: _Gathered) -> OrderDraft:
    head: Mapping[str, Any] = one.rows[0].values
    buyer = None
    if head["buyer"]:
        buyer = BuyerDraft(
            code=head["buyer"],
            name=head["name"] or "",
            phone=head["phone"] or "",
            address=head["address"] or "",
        )
    return OrderDraft(
        external_no=one.number,
        placed_at=head["placed_at"],
        paid_at=head["paid_at"],
        cash_on_delivery=bool(head["cod"]),
        country=head["country"] or "",
        buyer=buyer,
        shipping=head["shipping"] or Decimal(0),
        lines=tuple(
            LineDraft(
                code=row.values["sku"],
                quantity=row.values["quantity"],
                unit_price=row.values["unit_price"],
            )
            for row in one.rows
        ),
    )


def _unfit(one: _Gathered) -> Iterator[Reject]:
    words = {
        "customers.rows_disagree": _("The rows of order %(number)s disagree about the order."),
        "customers.order_incomplete": _("Another row of order %(number)s cannot be read."),
    }[one.complaint] % {"number": one.number}
    for row in one.rows:
        yield Reject(row.line, "order_no", one.number, one.complaint, words, row.cells)


def _refused(one: _Gathered, outcome: Outcome) -> Iterator[Reject]:
    """Name the complaint at its own line, and say at the others that the order was refused."""
    by_line: dict[int, list[Complaint]] = {}
    for complaint in outcome.complaints:
        by_line.setdefault(_line_of(complaint), []).append(complaint)
    general = by_line.pop(-1, [])
    other = _("Order %(number)s is refused because of another line.") % {"number": one.number}
    for place, row in enumerate(one.rows):
        found: Sequence[Complaint] = [*general, *by_line.get(place, ())]
        if not found:
            yield Reject(
                row.line, "order_no", one.number, "customers.order_refused", other, row.cells
            )
        for complaint in found:
            column = complaint.pointer.rpartition("/")[2]
            yield Reject(row.line, column, "", complaint.code, complaint.detail, row.cells)


def _line_of(complaint: Complaint) -> int:
    parts = complaint.pointer.split("/")
    is_line = len(parts) > 2 and parts[1] == "lines" and parts[2].isdigit()
    return int(parts[2]) if is_line else -1
