"""Words of the stock that channels show."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SyncKind(TextChoices):
    """Why a channel is told another figure."""

    CHANGED = "changed", _("our stock changed")
    DIFFERED = "differed", _("the channel showed another figure")


class SyncWhy(TextChoices):
    """What made us look."""

    CHANGE = "change", _("a change of stock")
    SCAN = "scan", _("the regular comparison")
    BUFFER = "buffer", _("another buffer")
