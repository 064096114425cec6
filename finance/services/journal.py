"""Posting to the general ledger: set-based, once per effect key, gapless vouchers."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from finance import errors
from finance.choices import EntryKind
from finance.models import JournalEntry
from finance.types import EntryDraft, LineDraft, Posted
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash
from ops.engines.kernel.parse import BUSINESS_ZONE
from ops.engines.numbering import services as numbering
from ops.engines.periods import services as periods

BATCH = 5_000
SERIES = "JV"
MODULE = "ledger"

_INSERT = """
WITH entries AS (
    INSERT INTO finance_journalentry
        (voucher, business_day, currency, kind, source_type, source_id, effect_key, memo,
         reverses_id, approval_id, posted_by, posted_at)
    SELECT * , %(posted_by)s::bigint, %(posted_at)s::timestamptz
      FROM unnest(%(vouchers)s::text[], %(days)s::date[], %(currencies)s::text[],
                  %(kinds)s::text[], %(source_types)s::text[], %(source_ids)s::text[],
                  %(effect_keys)s::text[], %(memos)s::text[], %(reverses)s::bigint[],
                  %(approvals)s::bigint[])
    RETURNING id, effect_key),
lines AS (
    INSERT INTO finance_journalline (entry_id, account_id, debit, credit)
    SELECT e.id, l.account, l.debit, l.credit
      FROM unnest(%(line_keys)s::text[], %(line_accounts)s::text[], %(line_debits)s::numeric[],
                  %(line_credits)s::numeric[]) WITH ORDINALITY
           AS l(effect_key, account, debit, credit, nr)
      JOIN entries e USING (effect_key)
     ORDER BY l.nr)
SELECT effect_key, id FROM entries
"""


def post(drafts: Iterable[EntryDraft], *, actor: Actor, at: dt.datetime) -> Posted:
    """Write vouchers, each once by its effect key; a draft already posted is counted (FIN-7.1-02).

    The vouchers of one call share one audit fact. Raises Unbalanced, PeriodClosed.
    """
    vouchers: list[str] = []
    already = 0
    with transaction.atomic():
        for batch in _batches(drafts):
            fresh = _not_posted(batch)
            _open_months(fresh, actor=actor, at=at)
            already += len(batch) - len(fresh)
            vouchers += _write(fresh, actor=actor, at=at)
        if vouchers:
            audit.record(
                actor=actor,
                at=at,
                action="finance.entries_posted",
                obj=("finance.journalentry", vouchers[0]),
                body={
                    "count": len(vouchers),
                    "first": vouchers[0],
                    "last": vouchers[-1],
                    "vouchers_sha256": content_hash(vouchers),
                },
            )
    return Posted(tuple(vouchers), already)


def post_under(
    drafts: Mapping[str, EntryDraft], *, actor: Actor, at: dt.datetime
) -> dict[str, int]:
    """Write vouchers under numbers the caller took just now; return their ids by effect key.

    For a service whose own audit fact names the vouchers: one statement when their month is open.
    Raises Unbalanced, PeriodClosed, AlreadyPosted.
    """
    with transaction.atomic():
        for draft in drafts.values():
            _check(draft)
        try:
            return _insert(list(drafts), list(drafts.values()), actor=actor, at=at)
        except errors.PeriodClosed:
            # Perhaps nobody has opened the month yet; one that was closed stays closed.
            _open_months(list(drafts.values()), actor=actor, at=at)
            return _insert(list(drafts), list(drafts.values()), actor=actor, at=at)


def reverse(
    *,
    entry_id: int,
    business_day: dt.date,
    reason: str,
    approval_id: int | None = None,
    actor: Actor,
    at: dt.datetime,
) -> Posted:
    """Write the mirror of an entry; the entry itself stays (R9).

    A person's reversal needs its approved request: the database refuses it otherwise. Raises
    EntryMissing, AlreadyReversed, PeriodClosed.
    """
    with transaction.atomic():
        # A posted row cannot be locked (nobody may change it): the unique link decides a race.
        entry = JournalEntry.objects.filter(pk=entry_id).first()
        if entry is None:
            raise errors.EntryMissing("finance.entry_missing", _("There is no such entry."))
        if JournalEntry.objects.filter(reverses=entry).exists():
            raise errors.AlreadyReversed(
                "finance.already_reversed",
                _("Entry %(voucher)s has been reversed.") % {"voucher": entry.voucher},
            )
        mirror = EntryDraft(
            effect_key=f"reversal:{entry.pk}",
            business_day=business_day,
            source_type=entry.source_type,
            source_id=entry.source_id,
            memo=_("Reversal of %(voucher)s: %(reason)s")
            % {"voucher": entry.voucher, "reason": reason[:120]},
            lines=tuple(
                LineDraft(line.account_id, debit=line.credit, credit=line.debit)
                for line in entry.lines.order_by("id")
            ),
            currency=entry.currency,
            kind=EntryKind.REVERSAL,
            reverses_id=entry.pk,
            approval_id=approval_id,
        )
        return post([mirror], actor=actor, at=at)


def _batches(drafts: Iterable[EntryDraft]) -> Iterator[list[EntryDraft]]:
    stream = iter(drafts)
    while batch := list(itertools.islice(stream, BATCH)):
        yield batch


def _not_posted(batch: Sequence[EntryDraft]) -> list[EntryDraft]:
    keys = [draft.effect_key for draft in batch]
    posted = set(
        JournalEntry.objects.filter(effect_key__in=keys).values_list("effect_key", flat=True)
    )
    return [draft for draft in batch if draft.effect_key not in posted]


def _open_months(drafts: Sequence[EntryDraft], *, actor: Actor, at: dt.datetime) -> None:
    """Open the months nobody has opened yet; one that was closed stays closed."""
    for month in sorted({draft.business_day.replace(day=1) for draft in drafts}):
        periods.ensure_month(module=MODULE, day=month, actor=actor, at=at)


def _write(drafts: Sequence[EntryDraft], *, actor: Actor, at: dt.datetime) -> list[str]:
    if not drafts:
        return []
    for draft in drafts:
        _check(draft)
    drafts = sorted(drafts, key=lambda d: d.business_day)
    vouchers = _vouchers(drafts)
    _insert(vouchers, drafts, actor=actor, at=at)
    return vouchers


def _insert(
    vouchers: Sequence[str], drafts: Sequence[EntryDraft], *, actor: Actor, at: dt.datetime
) -> dict[str, int]:
    lines = [(d.effect_key, line) for d in drafts for line in d.lines]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                _INSERT,
                {
                    "vouchers": list(vouchers),
                    "days": [d.business_day for d in drafts],
                    "currencies": [d.currency for d in drafts],
                    "kinds": [d.kind.value for d in drafts],
                    "source_types": [d.source_type for d in drafts],
                    "source_ids": [d.source_id for d in drafts],
                    "effect_keys": [d.effect_key for d in drafts],
                    "memos": [d.memo for d in drafts],
                    "reverses": [d.reverses_id for d in drafts],
                    "approvals": [d.approval_id for d in drafts],
                    "line_keys": [key for key, _line in lines],
                    "line_accounts": [line.account for _key, line in lines],
                    "line_debits": [line.debit for _key, line in lines],
                    "line_credits": [line.credit for _key, line in lines],
                    "posted_by": actor.person_id,
                    "posted_at": at,
                },
            )
            return dict(cursor.fetchall())
    except IntegrityError as error:
        raise _explained(error) from error


def _check(draft: EntryDraft) -> None:
    debit = sum(line.debit for line in draft.lines)
    credit = sum(line.credit for line in draft.lines)
    if debit != credit or len(draft.lines) < 2:
        raise errors.Unbalanced(
            "finance.unbalanced",
            _("Debit %(debit)s and credit %(credit)s differ.") % {"debit": debit, "credit": credit},
            effect_key=draft.effect_key,
        )


def _vouchers(drafts: Sequence[EntryDraft]) -> list[str]:
    numbers: list[str] = []
    for (year, month), group in itertools.groupby(
        drafts, key=lambda d: (d.business_day.year, d.business_day.month)
    ):
        # The series counts per ledger month, so the number is taken as of that month.
        moment = dt.datetime(year, month, 15, tzinfo=BUSINESS_ZONE)
        numbers += numbering.take(SERIES, at=moment, count=sum(1 for _draft in group))
    return numbers


def _explained(error: IntegrityError) -> Exception:
    text = str(error)
    if "period_closed" in text:
        return errors.PeriodClosed(
            "finance.period_closed",
            _("The month is closed. Post in an open month, or ask to reopen it."),
        )
    if "effect_key" in text:
        return errors.AlreadyPosted("finance.already_posted", _("This was posted already."))
    return error


def entry_id(*, voucher: str) -> int:
    """Return the id of a voucher that was just written."""
    return JournalEntry.objects.values_list("pk", flat=True).get(voucher=voucher)
