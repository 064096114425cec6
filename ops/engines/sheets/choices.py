"""Words of sheets: kinds of items, states of sheets and cases."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ItemKind(TextChoices):
    """What one item of a sheet asks for."""

    YES_NO = "yes_no", _("yes or no")
    NUMBER = "number", _("number")
    CHOICE = "choice", _("one of a list")
    TEXT = "text", _("text")
    PHOTO = "photo", _("photo")
    SIGNATURE = "signature", _("name of the person there")
    TABLE = "table", _("table")
    DAY = "day", _("date")


class SheetState(TextChoices):
    """Life of a sheet: closed means signed and nothing abnormal is left open."""

    OPEN = "open", _("to fill in")
    FILLED = "filled", _("filled, to be signed")
    SIGNED = "signed", _("signed, cases open")
    CLOSED = "closed", _("signed and done")
    VOID = "void", _("void")


# Which state may follow which; the database's trigger says the same.
SHEET_STEPS: dict[SheetState, tuple[SheetState, ...]] = {
    SheetState.OPEN: (SheetState.FILLED, SheetState.VOID),
    SheetState.FILLED: (SheetState.OPEN, SheetState.SIGNED, SheetState.VOID),
    SheetState.SIGNED: (SheetState.CLOSED,),
    SheetState.CLOSED: (),
    SheetState.VOID: (),
}
UNSIGNED = (SheetState.OPEN, SheetState.FILLED)
DONE = (SheetState.SIGNED, SheetState.CLOSED)


class CaseState(TextChoices):
    """Life of a case: found, put right by one person, looked at and closed by another."""

    OPEN = "open", _("to be put right")
    REMEDIED = "remedied", _("put right, to be looked at")
    CLOSED = "closed", _("closed")
    WITHDRAWN = "withdrawn", _("withdrawn: the entry was corrected")


UNSETTLED = (CaseState.OPEN, CaseState.REMEDIED)


class Layout(TextChoices):
    """How a sheet stands on a phone."""

    STEPS = "steps", _("one item a screen")
    LIST = "list", _("one list")
