"""Entries by hand: one person drafts, another approves, the ledger posts what was approved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from finance import errors
from finance.choices import DraftState, EntryKind
from finance.models import Account, JournalEntry, ManualEntry
from finance.selectors.manual import info
from finance.services import journal
from finance.types import EntryDraft, LineDraft, ManualInfo
from ops.engines.approvals import services as approvals
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit import services as audit
from ops.engines.identity import services as identity
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may
from ops.engines.numbering import services as numbering
from ops.engines.periods import selectors as periods

FLOW = "manual_journal"
SUBJECT = "finance.manualentry"
SERIES = "MJ"
_ENTER = may("finance", "C")
_EDITABLE = (DraftState.DRAFT, DraftState.RETURNED)


def draft(
    *,
    business_day: dt.date,
    memo: str,
    lines: Sequence[LineDraft],
    currency: str = "CNY",
    actor: Actor,
    at: dt.datetime,
) -> ManualInfo:
    """Keep a voucher to be; nothing is posted yet (FIN-7.1-02).

    Raises Forbidden, Unbalanced, BadInput for an account that takes no postings.
    """
    _ENTER.require(actor)
    _check_lines(lines)
    _check_open(business_day, at=at)
    return _made(
        ManualEntry(
            business_day=business_day,
            currency=parse.code(currency, most=3),
            memo=parse.text(memo, most=200, least=1),
            lines=[_plain(line) for line in lines],
        ),
        actor=actor,
        at=at,
    )


def draft_reversal(
    *, entry_id: int, business_day: dt.date, reason: str, actor: Actor, at: dt.datetime
) -> ManualInfo:
    """Keep a reversal to be of a posted entry; it is posted once another person approves.

    Raises Forbidden, EntryMissing, AlreadyReversed.
    """
    _ENTER.require(actor)
    _check_open(business_day, at=at)
    entry = JournalEntry.objects.filter(pk=entry_id).first()
    if entry is None:
        raise errors.EntryMissing("finance.entry_missing", _("There is no such entry."))
    waiting = ManualEntry.objects.filter(
        reverses=entry, state__in=[DraftState.DRAFT, DraftState.SUBMITTED, DraftState.POSTED]
    )
    if JournalEntry.objects.filter(reverses=entry).exists() or waiting.exists():
        raise errors.AlreadyReversed(
            "finance.already_reversed",
            _("Entry %(voucher)s has been reversed.") % {"voucher": entry.voucher},
        )
    return _made(
        ManualEntry(
            business_day=business_day,
            currency=entry.currency,
            memo=parse.text(reason, most=200, least=1),
            reverses=entry,
        ),
        actor=actor,
        at=at,
    )


def submit(*, draft_id: int, actor: Actor, at: dt.datetime) -> ManualInfo:
    """Hand a manual entry in to the finance manager.

    Raises DraftMissing, DraftClosed and what the approvals engine refuses.
    """
    with approvals.handing_in(FLOW, actor=actor, at=at):
        made = _lock(draft_id)
        if made.state not in _EDITABLE:
            raise errors.DraftClosed(
                "finance.draft_closed",
                _("%(number)s was handed in already.") % {"number": made.number},
            )
        request = approvals.submit(
            flow=FLOW,
            subject=(SUBJECT, made.pk),
            number=made.number,
            title=made.memo,
            content=_content(made),
            figures={"total": str(_total(made))},
            actor=actor,
            at=at,
        )
        made.state, made.approval_id = DraftState.SUBMITTED, request.id
        made.save(update_fields=["state", "approval"])
    return info(made)


def post_approved(request: RequestInfo, actor: Actor, at: dt.datetime) -> None:
    """Post what was approved; runs inside the deciding transaction.

    Raises PeriodClosed: a month that closed meanwhile keeps the request undecided.
    """
    made = _lock(request.subject_id)
    if made.state != DraftState.SUBMITTED or made.approval_id != request.id:
        raise errors.DraftClosed(
            "finance.draft_closed", _("%(number)s was handed in already.") % {"number": made.number}
        )
    identity.act(duty="journal_post", obj=(SUBJECT, made.pk), actor=actor, at=at)
    if made.reverses_id is not None:
        posted = journal.reverse(
            entry_id=made.reverses_id,
            business_day=made.business_day,
            reason=made.memo,
            approval_id=request.id,
            actor=actor,
            at=at,
        )
    else:
        posted = journal.post([_entry(made, request.id)], actor=actor, at=at)
    made.entry = JournalEntry.objects.get(voucher=posted.vouchers[0])
    made.state = DraftState.POSTED
    made.save(update_fields=["state", "entry"])


def take_back(request: RequestInfo, actor: Actor, at: dt.datetime) -> None:
    """Give a returned entry back to its drafter; a withdrawn one is over."""
    made = _lock(request.subject_id)
    withdrawn = request.state == RequestState.WITHDRAWN
    made.state = DraftState.WITHDRAWN if withdrawn else DraftState.RETURNED
    made.save(update_fields=["state"])


def _made(row: ManualEntry, *, actor: Actor, at: dt.datetime) -> ManualInfo:
    with transaction.atomic():
        row.drafted_by, row.drafted_at = actor.person_id, at
        row.number = numbering.take_one(SERIES, at=at)
        row.save(force_insert=True)
        identity.act(duty="journal_enter", obj=(SUBJECT, row.pk), actor=actor, at=at)
        audit.record(
            actor=actor,
            at=at,
            action="finance.manual_drafted",
            obj=(SUBJECT, row.pk),
            body={"number": row.number, "memo": row.memo, "lines": row.lines},
        )
    return info(row)


def _lock(draft_id: int) -> ManualEntry:
    rows = ManualEntry.objects.select_for_update(of=("self",), no_key=True)
    made = rows.filter(pk=draft_id).first()
    if made is None:
        raise errors.DraftMissing("finance.draft_missing", _("There is no such manual entry."))
    return made


def _check_lines(lines: Sequence[LineDraft]) -> None:
    debit = sum((line.debit for line in lines), Decimal(0))
    credit = sum((line.credit for line in lines), Decimal(0))
    one_sided = all((line.debit > 0) != (line.credit > 0) for line in lines)
    if not one_sided or min((min(x.debit, x.credit) for x in lines), default=Decimal(0)) < 0:
        raise BadInput(
            "finance.line_sides",
            _("Each line has an amount above zero on one side only."),
            field="lines",
        )
    if debit != credit or len(lines) < 2:
        raise errors.Unbalanced(
            "finance.unbalanced",
            _("Debit %(debit)s and credit %(credit)s differ.") % {"debit": debit, "credit": credit},
            field="lines",
        )
    wanted = {line.account for line in lines}
    known = set(
        Account.objects.filter(code__in=wanted, is_postable=True).values_list("code", flat=True)
    )
    if wanted - known:
        raise BadInput(
            "finance.account_unknown",
            _("These accounts take no postings: %(codes)s.")
            % {"codes": ", ".join(sorted(wanted - known))},
            field="lines",
        )


def _check_open(day: dt.date, *, at: dt.datetime) -> None:
    # A month nobody has opened yet opens with its first voucher.
    is_known = periods.state_on(module=journal.MODULE, day=day) is not None
    if is_known and not periods.is_postable(module=journal.MODULE, day=day, at=at):
        raise errors.PeriodClosed(
            "finance.period_closed",
            _("The month is closed. Post in an open month, or ask to reopen it."),
            field="business_day",
        )


def _plain(line: LineDraft) -> dict[str, str]:
    return {
        "account": line.account,
        "debit": f"{line.debit:.2f}",
        "credit": f"{line.credit:.2f}",
    }


def _content(made: ManualEntry) -> dict[str, Any]:
    reversed_entry = made.reverses
    return {
        "business_day": made.business_day,
        "currency": made.currency,
        "memo": made.memo,
        "lines": made.lines,
        "reverses": made.reverses_id,
        "voucher": reversed_entry.voucher if reversed_entry else "",
    }


def _total(made: ManualEntry) -> Decimal:
    if made.reverses is not None:
        return sum((line.debit for line in made.reverses.lines.all()), Decimal(0))
    return sum((Decimal(line["debit"]) for line in made.lines), Decimal(0))


def _entry(made: ManualEntry, approval_id: int) -> EntryDraft:
    return EntryDraft(
        effect_key=f"manual:{made.pk}",
        business_day=made.business_day,
        source_type=SUBJECT,
        source_id=str(made.pk),
        memo=made.memo,
        lines=tuple(
            LineDraft(line["account"], Decimal(line["debit"]), Decimal(line["credit"]))
            for line in made.lines
        ),
        currency=made.currency,
        kind=EntryKind.MANUAL,
        approval_id=approval_id,
    )
