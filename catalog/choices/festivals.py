"""Words of the promotion calendar."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FestivalKind(TextChoices):
    """What moves people to buy (CAT-4.4-03)."""

    HOLIDAY = "holiday", _("festival")
    SHOPPING = "shopping", _("shopping festival")
    SEASON = "season", _("season")
