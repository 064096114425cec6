"""Words of the search: what is decided about a word that finds nothing."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class MissDecision(TextChoices):
    """What came of a word nobody found anything by (SYS-6.2-09)."""

    OPEN = "open", _("to be decided")
    SYNONYM = "synonym", _("synonym entered")
    ASSORTMENT = "assortment", _("goods are missing")
    DISMISSED = "dismissed", _("nothing to do")
