"""Words of finance: kinds and states."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AccountKind(TextChoices):
    """Class of a ledger account."""

    ASSET = "asset", _("asset")
    LIABILITY = "liability", _("liability")
    EQUITY = "equity", _("equity")
    INCOME = "income", _("income")
    EXPENSE = "expense", _("expense")


class EntryKind(TextChoices):
    """How an entry came into the ledger."""

    AUTOMATIC = "automatic", _("posted from a document")
    MANUAL = "manual", _("entered by hand")
    REVERSAL = "reversal", _("reversal")
    OPENING = "opening", _("taken over from before go-live")


class DraftState(TextChoices):
    """Life of a manual entry before it is a voucher."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    RETURNED = "returned", _("returned")
    WITHDRAWN = "withdrawn", _("withdrawn")
    POSTED = "posted", _("posted")


class StatementKind(TextChoices):
    """What a line of a channel's statement is."""

    PAY = "pay", _("payment")
    REFUND = "refund", _("refund")
    FEE = "fee", _("fee")
    FEE_BACK = "fee_back", _("fee returned")
    WITHDRAWAL = "withdrawal", _("withdrawal")
    OTHER = "other", _("unknown kind")


class PaymentKind(TextChoices):
    """What a record of our side is."""

    PAY = "PAY", _("payment")
    REFUND = "REFUND", _("refund")


class BreakType(TextChoices):
    """How a statement and our side differ."""

    MISSING_IN_BOOKS = "MISSING_IN_BOOKS", _("payment unknown to us")
    MISSING_IN_CHANNEL = "MISSING_IN_CHANNEL", _("payment missing in the statement")
    AMOUNT_DIFF = "AMOUNT_DIFF", _("amounts differ")
    FEE_DIFF = "FEE_DIFF", _("fee differs")
    DUPLICATE_IN_CHANNEL = "DUPLICATE_IN_CHANNEL", _("paid twice in the statement")
    REFUND_AMOUNT_DIFF = "REFUND_AMOUNT_DIFF", _("refund amounts differ")
    REFUND_MISSING_IN_CHANNEL = (
        "REFUND_MISSING_IN_CHANNEL",
        _("refund missing in the statement"),
    )
    REFUND_MISSING_IN_BOOKS = "REFUND_MISSING_IN_BOOKS", _("refund unknown to us")
    TIMING_NEXT_PERIOD = "TIMING_NEXT_PERIOD", _("payment arrives in the next period")
    REFUND_TIMING_NEXT_PERIOD = (
        "REFUND_TIMING_NEXT_PERIOD",
        _("refund arrives in the next period"),
    )
    BALANCE_DISCONTINUITY = "BALANCE_DISCONTINUITY", _("running balance jumps")
    SUMMARY_TOTAL_MISMATCH = "SUMMARY_TOTAL_MISMATCH", _("totals of the file differ")
    BANK_CREDIT_UNKNOWN = "BANK_CREDIT_UNKNOWN", _("money in of unknown origin")
    PAYOUT_MISSING = "PAYOUT_MISSING", _("payout did not arrive")
    PAYOUT_SHORT = "PAYOUT_SHORT", _("payout is short")


# Both sides have it, on either side of a period's end: explained by its date.
TIMING = frozenset({BreakType.TIMING_NEXT_PERIOD, BreakType.REFUND_TIMING_NEXT_PERIOD})


class BreakSource(TextChoices):
    """Which side a break was seen from."""

    STATEMENT = "statement", _("statement")
    BOOKS = "books", _("our books")
    BOTH = "both", _("both sides")
    FILE = "file", _("the file as a whole")


class BreakState(TextChoices):
    """Life of a break."""

    OPEN = "open", _("open")
    RESOLVED = "resolved", _("resolved")


class Resolution(TextChoices):
    """How a break was ended; the difference goes to the account of the code."""

    CLEARED = "cleared", _("cleared by a later run")
    MATCHED = "matched", _("matched by hand")
    FEE = "fee", _("service fee")
    SUBSIDY = "subsidy", _("platform subsidy")
    TRANSIT = "transit", _("in transit")
    PAYABLE = "payable", _("owed to the buyer")
    WRITE_OFF = "write_off", _("written off")
    EXPLAINED = "explained", _("explained, nothing to post")


class CloseState(TextChoices):
    """Where a month stands."""

    OPEN = "open", _("open")
    CLOSED = "closed", _("closed and locked")
    REOPENED = "reopened", _("reopened")


class ItemState(TextChoices):
    """Where one item of the close list stands."""

    NOT_STARTED = "not_started", _("not started")
    BLOCKED = "blocked", _("cannot start")
    RUNNING = "running", _("in progress")
    DONE = "done", _("done")
