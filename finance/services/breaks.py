"""Ending breaks: owners, matches by hand, difference codes with a reason, and undo by reversal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from finance import errors, rules
from finance.choices import TIMING, BreakSource, BreakState, BreakType, Resolution, StatementKind
from finance.models import Break
from finance.selectors.settlement import break_info
from finance.services import journal
from finance.types import ZERO, BreakInfo, EntryDraft, LineDraft
from ops.engines.audit import services as audit
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may
from ops.engines.numbering import services as numbering

SERIES: Final = "BR"
SOURCE: Final = "finance.break"
_WORK: Final = may("finance", "P")
# Codes that move money to an account; nothing is left to explain afterwards.
MONEY_CODES: Final = frozenset(rules.DIFFERENCE_ACCOUNTS)
_FOUR_EYES: Final = MONEY_CODES - {Resolution.TRANSIT}
_OUTGOING: Final = frozenset({StatementKind.REFUND, StatementKind.FEE, StatementKind.WITHDRAWAL})


def assign(
    *,
    break_ids: Collection[int],
    person_id: int,
    due_on: dt.date | None = None,
    actor: Actor,
    at: dt.datetime,
) -> list[BreakInfo]:
    """Give open breaks an owner, and a day until when.

    Raises Forbidden, BreakMissing, BreakClosed.
    """
    _WORK.require(actor)
    with transaction.atomic():
        found = _lock(break_ids, actor=actor)
        _require_state(found, BreakState.OPEN)
        for one in found:
            one.owner_person_id, one.due_on = person_id, due_on or one.due_on
        Break.objects.bulk_update(found, ["owner_person_id", "due_on"])
        audit.record(
            actor=actor,
            at=at,
            action="finance.breaks_assigned",
            obj=(SOURCE, found[0].pk),
            body={"breaks": [one.pk for one in found], "owner": person_id, "due_on": due_on},
        )
    return [break_info(one, at=at) for one in found]


def resolve(
    *,
    break_ids: Collection[int],
    code: str,
    reason: str,
    actor: Actor,
    at: dt.datetime,
) -> list[BreakInfo]:
    """End breaks by a code: their money is booked, the rest goes to the account of the code.

    One break is explained by itself, several are matched against each other (n:m). `matched` needs
    sides that agree to the fen, `explained` books nothing and fits only what holds no money of a
    statement. Raises Forbidden, BreakMissing, BreakClosed, NeedsCode, SamePerson, PeriodClosed.
    """
    _WORK.require(actor)
    reason = parse.text(reason.strip(), most=400)
    with transaction.atomic():
        found = _lock(break_ids, actor=actor)
        _require_state(found, BreakState.OPEN)
        statement, ours, fee = sides(found)
        _check_code(found, code, reason, rest=statement - ours)
        if code in _FOUR_EYES and any(
            one.imported_by is not None and one.imported_by == actor.person_id for one in found
        ):
            raise errors.SamePerson(
                "finance.same_person",
                _("You imported this statement. Another person writes its differences off."),
            )
        lines = (
            rules.resolved(statement=statement, ours=ours, fee=fee, code=code)
            if code != Resolution.EXPLAINED
            else ()
        )
        number, voucher = _end([found], [lines], code=code, reason=reason, actor=actor, at=at)[0]
        audit.record(
            actor=actor,
            at=at,
            action="finance.breaks_resolved",
            obj=(SOURCE, found[0].pk),
            body={
                "number": number,
                "breaks": [one.pk for one in found],
                "code": code,
                "reason": reason,
                "statement": statement,
                "ours": ours,
                "fee": fee,
                "voucher": voucher,
            },
        )
    return [break_info(one, at=at) for one in found]


def match_pairs(*, pairs: Collection[tuple[int, int]], actor: Actor, at: dt.datetime) -> list[str]:
    """Match many lines with one item of ours each, by a fixed number of statements; all or none.

    Every pair has its own number and voucher, so each can be undone alone. Raises Forbidden,
    BreakMissing, BreakClosed, NeedsCode (a pair whose sides differ).
    """
    _WORK.require(actor)
    ids = [one for pair in pairs for one in pair]
    if len(ids) != len(set(ids)):
        raise errors.NeedsCode("finance.pair_twice", _("A line can be matched only once."))
    with transaction.atomic():
        found = {one.pk: one for one in _lock(ids, actor=actor)}
        _require_state(list(found.values()), BreakState.OPEN)
        groups = [[found[line], found[item]] for line, item in pairs]
        moved = [sides(group) for group in groups]
        for group, (statement, ours, _fee) in zip(groups, moved, strict=True):
            _check_code(group, Resolution.MATCHED, "", rest=statement - ours)
        lines = [
            rules.resolved(statement=statement, ours=ours, fee=fee, code=Resolution.MATCHED)
            for statement, ours, fee in moved
        ]
        made = _end(groups, lines, code=Resolution.MATCHED, reason="", actor=actor, at=at)
        audit.record(
            actor=actor,
            at=at,
            action="finance.breaks_resolved",
            obj=(SOURCE, groups[0][0].pk),
            body={
                "code": Resolution.MATCHED,
                "pairs": [
                    [number, voucher, *(one.pk for one in group)]
                    for (number, voucher), group in zip(made, groups, strict=True)
                ],
            },
        )
    return [number for number, _voucher in made]


def _end(
    groups: Sequence[Sequence[Break]],
    lines: Sequence[Sequence[LineDraft]],
    *,
    code: str,
    reason: str,
    actor: Actor,
    at: dt.datetime,
) -> list[tuple[str, str]]:
    """Number, book and close each group; return number and voucher (empty: nothing to book)."""
    booked = sum(1 for each in lines if each)
    numbers, vouchers = _numbers(len(groups), booked, at=at)
    given = iter(vouchers)
    made = [
        (number, next(given) if each else "") for number, each in zip(numbers, lines, strict=True)
    ]
    drafts = {
        voucher: _draft(group, number, each, at=at)
        for group, each, (number, voucher) in zip(groups, lines, made, strict=True)
        if voucher
    }
    entries = journal.post_under(drafts, actor=actor, at=at) if drafts else {}
    for group, (number, _voucher) in zip(groups, made, strict=True):
        for one in group:
            one.state, one.resolution, one.resolution_no = BreakState.RESOLVED, code, number
            one.reason = reason or str(Resolution(code).label)
            one.resolved_at, one.resolved_by = at, actor.person_id
            one.entry_id = entries.get(_effect(number))
    _save([one for group in groups for one in group])
    return made


def _numbers(groups: int, booked: int, *, at: dt.datetime) -> tuple[list[str], list[str]]:
    if groups == booked == 1:
        number, voucher = numbering.take_each(SERIES, journal.SERIES, at=at)
        return [number], [voucher]
    numbers = numbering.take(SERIES, at=at, count=groups)
    return numbers, numbering.take(journal.SERIES, at=at, count=booked) if booked else []


def _draft(
    group: Sequence[Break], number: str, lines: Sequence[LineDraft], *, at: dt.datetime
) -> EntryDraft:
    return EntryDraft(
        effect_key=_effect(number),
        business_day=business_day(at),
        source_type=SOURCE,
        source_id=number,
        memo=f"{number} {group[0].order_no}".strip(),
        lines=tuple(lines),
        currency=group[0].channel.currency,
    )


def _effect(number: str) -> str:
    return f"break:{number}"


def undo(*, resolution_no: str, actor: Actor, at: dt.datetime) -> list[BreakInfo]:
    """Open the breaks of one resolution again; what it booked is reversed, never erased (R9).

    Raises Forbidden, BreakMissing, BreakClosed (a run cleared them), PeriodClosed.
    """
    _WORK.require(actor)
    with transaction.atomic():
        ids = list(Break.objects.filter(resolution_no=resolution_no).values_list("pk", flat=True))
        found = _lock(ids if resolution_no else [], actor=actor)
        _require_state(found, BreakState.RESOLVED)
        if any(one.resolution == Resolution.CLEARED for one in found):
            raise errors.BreakClosed(
                "finance.break_cleared", _("A later run cleared this: there is nothing to undo.")
            )
        for entry_id in {one.entry_id for one in found if one.entry_id is not None}:
            journal.reverse(
                entry_id=entry_id,
                business_day=business_day(at),
                reason=_("undo of %(number)s") % {"number": resolution_no},
                actor=actor,
                at=at,
            )
        for one in found:
            one.state, one.resolution, one.resolution_no = BreakState.OPEN, "", ""
            one.reason, one.resolved_at, one.resolved_by, one.entry_id = "", None, None, None
        _save(found)
        audit.record(
            actor=actor,
            at=at,
            action="finance.resolution_undone",
            obj=(SOURCE, found[0].pk),
            body={"number": resolution_no, "breaks": [one.pk for one in found]},
        )
    return [break_info(one, at=at) for one in found]


def sides(found: Sequence[Break]) -> tuple[Decimal, Decimal, Decimal]:
    """Return money of the statement, money of ours and fees of breaks; out is below zero."""
    statement = ours = fee = ZERO
    for one in found:
        sign = -1 if _is_outgoing(one) else 1
        if one.type == BreakType.FEE_DIFF:
            back = one.line is not None and one.line.kind in (
                StatementKind.FEE_BACK,
                StatementKind.REFUND,
            )
            fee += (one.statement_amount or ZERO) * (-1 if back else 1)
            continue
        if one.source == BreakSource.FILE or one.type in TIMING:
            continue
        if one.line_id is not None:
            statement += sign * (one.statement_amount or ZERO)
            fee += sign * one.statement_fee
        if one.our_id is not None:
            ours += sign * (one.our_amount or ZERO)
    return statement, ours, fee


def _is_outgoing(one: Break) -> bool:
    if one.line is not None:
        if one.line.kind == StatementKind.OTHER:
            return one.line.amount < 0
        return one.line.kind in _OUTGOING
    return one.type.startswith("REFUND")


def _check_code(found: Sequence[Break], code: str, reason: str, *, rest: Decimal) -> None:
    if code not in MONEY_CODES | {Resolution.MATCHED, Resolution.EXPLAINED}:
        raise errors.NeedsCode(
            "finance.code_unknown", _("Choose what the difference is."), field="code"
        )
    holds_money = any(
        one.line_id is not None and one.source != BreakSource.FILE and one.type not in TIMING
        for one in found
    )
    if code == Resolution.MATCHED and (abs(rest) > rules.MATCH_TOLERANCE or not holds_money):
        raise errors.NeedsCode(
            "finance.sides_differ",
            _("The sides differ by %(rest)s. Say what the difference is.") % {"rest": rest},
            field="code",
        )
    if code == Resolution.EXPLAINED and holds_money:
        raise errors.NeedsCode(
            "finance.money_unbooked",
            _("This holds money of the statement: choose the code it is booked under."),
            field="code",
        )
    if code != Resolution.MATCHED and not reason:
        raise errors.NeedsCode("finance.reason_missing", _("State the reason."), field="reason")


def _lock(break_ids: Collection[int], *, actor: Actor) -> list[Break]:
    rows = (
        Break.objects.select_for_update(of=("self",), no_key=True)
        .select_related("line", "channel")
        .filter(pk__in=break_ids)
    )
    allowed = actor.scope_ids("channel", "finance", "P")
    if allowed is not None:
        rows = rows.filter(channel_id__in=allowed)
    found = list(rows.order_by("pk"))
    if not found or len(found) != len(set(break_ids)):
        raise errors.BreakMissing("finance.break_missing", _("There is no such break here."))
    if len({one.channel_id for one in found}) > 1:
        raise errors.NeedsCode(
            "finance.several_channels", _("Breaks of several channels are resolved one by one.")
        )
    return found


def _require_state(found: Sequence[Break], state: BreakState) -> None:
    if any(one.state != state for one in found):
        raise errors.BreakClosed(
            "finance.break_closed", _("Somebody changed this meanwhile. Look at it again.")
        )


def _save(found: Sequence[Break]) -> None:
    Break.objects.bulk_update(
        found,
        ["state", "resolution", "resolution_no", "reason", "resolved_at", "resolved_by", "entry"],
    )
