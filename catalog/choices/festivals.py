"""Words of the promotion calendar."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FestivalKind(TextChoices):
    """What moves people to buy (CAT-4.4-03)."""

    HOLIDAY = "holiday", _("festival")
    SHOPPING = "shopping", _("shopping festival")
    SEASON = "season", _("season")


class PlanStatus(TextChoices):
    """How far the promotions for a festival are."""

    NONE = "plan_none", _("no plan")
    DRAFTED = "plan_draft", _("in draft")
    SUBMITTED = "plan_waits", _("waits for a decision")
    APPROVED = "plan_agreed", _("plan approved")
    OVER = "plan_over", _("over")
