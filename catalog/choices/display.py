"""Words of display plans: how a slot stands out, what fills it, why a good is not shown."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SlotSize(TextChoices):
    """How much a slot stands out on its page (CAT-4.1-03)."""

    KEY = "key", _("key position")
    LARGE = "large", _("large")
    NORMAL = "normal", _("usual size")


class SlotRule(TextChoices):
    """What fills a slot, also where its pinned good is not on sale."""

    CATEGORY = "category", _("best sellers of a category")
    POPULARITY = "popularity", _("best sellers of the channel")
    PROMOTION = "promotion", _("goods of running promotions")


class SlotLack(TextChoices):
    """Why a good a slot wants is not shown now."""

    RETIRED = "retired", _("no longer sold")
    RESTRICTED = "restricted", _("may not be sold")
    OFF_SHELF = "off_shelf", _("off the shelf")
    SUSPENDED = "suspended", _("suspended from sale")
    NO_PRICE = "no_price", _("no price in force")
    OUT_OF_STOCK = "out_of_stock", _("out of stock")
