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
