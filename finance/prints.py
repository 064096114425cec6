"""Papers of the ledger: the voucher."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from finance import errors
from finance.models import JournalEntry
from finance.types import ZERO
from ops.engines.desk import formats
from ops.engines.documents.papers import Paper, PaperColumn, PaperTable, PrintForm, print_form
from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import everywhere


def voucher(pk: int, actor: Actor, at: dt.datetime) -> Paper:
    """Return one voucher with its lines and sums. Raises EntryMissing."""
    del actor, at
    entry = JournalEntry.objects.select_related("reverses").filter(pk=pk).first()
    if entry is None:
        raise errors.EntryMissing("finance.entry_missing", gettext("There is no such entry."))
    lines = list(entry.lines.select_related("account").order_by("pk"))
    return Paper(
        number=entry.voucher,
        path=reverse("finance:entry", args=[pk]),
        state=str(entry.get_kind_display()),
        facts=[
            (_("Day"), formats.day(entry.business_day)),
            (_("Currency"), entry.currency),
            (_("Document"), f"{entry.source_type} {entry.source_id}"),
            (_("Posted at"), formats.moment(entry.posted_at)),
            (_("Posted by"), identity.person_name(entry.posted_by)),
            (_("Reverses"), entry.reverses.voucher if entry.reverses else formats.MISSING),
            (_("Memo"), entry.memo),
        ],
        tables=[
            PaperTable(
                "",
                [
                    PaperColumn(_("Account"), 14),
                    PaperColumn(_("Name"), 40),
                    PaperColumn(_("Debit"), 20, is_number=True),
                    PaperColumn(_("Credit"), 20, is_number=True),
                ],
                [
                    [
                        str(line.account_id),
                        line.account.name,
                        formats.money(line.debit) if line.debit else "",
                        formats.money(line.credit) if line.credit else "",
                    ]
                    for line in lines
                ],
                [
                    "",
                    gettext("Total"),
                    formats.money(sum((line.debit for line in lines), ZERO)),
                    formats.money(sum((line.credit for line in lines), ZERO)),
                ],
            )
        ],
        signatures=[_("Prepared by"), _("Reviewed by"), _("Approved by")],
    )


print_form(
    PrintForm(key="voucher", title=_("Voucher"), policy=everywhere("finance", "V"), load=voucher)
)
