"""Words of categories: what an attribute holds, how goods are kept."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AttributeKind(TextChoices):
    """What values an attribute takes."""

    TEXT = "text", _("text")
    NUMBER = "number", _("numeric value")
    CHOICE = "choice", _("choice")
    YES_NO = "yes_no", _("yes or no")


class StorageClass(TextChoices):
    """How goods of a category are stored; empty says nothing and leaves it to the shelf above."""

    AMBIENT = "ambient", _("ambient")
    CHILLED = "chilled", _("chilled")
    FROZEN = "frozen", _("frozen")
    DANGEROUS = "dangerous", _("dangerous goods")
    VALUABLE = "valuable", _("valuables")
