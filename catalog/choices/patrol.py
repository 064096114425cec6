"""Words of the price patrol, of competitor prices and of reference prices."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ReferenceProfile(TextChoices):
    """How far back a struck-out price must have been a real deal price (CAT-4.2-02)."""

    CN = "cn", _("7 days before the change (China)")
    EU = "eu", _("30 days before the change (European Union)")


class ReferenceKind(TextChoices):
    """What a reference price rests on."""

    DEAL = "deal", _("lowest real deal price")
    SUGGESTED = "suggested", _("suggested price, named as such")


class ViolationKind(TextChoices):
    """What the patrol found (CAT-4.2-03)."""

    NO_PRICE = "no_price", _("shown without an approved price")
    WRONG_PRICE = "wrong_price", _("shown at another price than approved")
    WINDOW_OVER = "window_over", _("shown at the price of a window that is over")
    BELOW_FLOOR = "below_floor", _("shown below the floor")
    FLOOR_ROSE = "floor_rose", _("approved price lies below today's floor")
    NO_PROOF = "no_proof", _("struck-out price without proof")
    STILL_SHOWN = "still_shown", _("shown although suspended or off the shelf")


class Severity(TextChoices):
    """How bad a violation is; a severe one suspends the offer at once."""

    SEVERE = "severe", _("severe")
    MEDIUM = "medium", _("medium")
    LIGHT = "light", _("light")


class CaseState(TextChoices):
    """Life of a case or a suggestion."""

    OPEN = "open", _("to be handled")
    HANDLED = "handled", _("handled")


class OutlierKind(TextChoices):
    """Why a price is no longer reasonable (CAT-4.2-06)."""

    ABOVE_RIVAL = "above_rival", _("too far above the rivals")
    UNDER_RIVAL = "under_rival", _("too far below the rivals")
    LOW_MARGIN = "low_margin", _("margin below the floor")
    HIGH_MARGIN = "high_margin", _("margin above the ceiling")


class OutlierState(TextChoices):
    """What came of an outlier."""

    OPEN = "open", _("to be decided")
    DRAFTED = "drafted", _("price change drafted")
    KEPT = "kept", _("kept, with reason")
