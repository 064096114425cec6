"""Words of promotions: what they do, how far they are, whether they ask for a coupon."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PromotionType(TextChoices):
    """What a promotion gives; the rule engine knows each by this word."""

    PERCENTAGE = "percentage", _("percentage off")
    AMOUNT = "amount", _("amount off")
    FIXED_PRICE = "fixed_price", _("fixed price")
    SPEND_AND_SAVE = "spend_and_save", _("spend and save")
    NTH_ITEM = "nth_item", _("n-th item")
    BUNDLE = "bundle", _("bundle price")
    BUY_X_GET_Y = "buy_x_get_y", _("buy some, get some")
    GIFT = "gift", _("gift")
    FLASH_SALE = "flash_sale", _("flash sale")
    MEMBER_PRICE = "member_price", _("member price")
    FREE_SHIPPING = "free_shipping", _("free shipping")
    POINTS = "points", _("more points")


class PromotionState(TextChoices):
    """Life of a promotion (CAT-4.4-01)."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    RETURNED = "returned", _("returned")
    SCHEDULED = "scheduled", _("scheduled")
    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    ENDED = "ended", _("ended")
    REVIEWED = "reviewed", _("reviewed")
    WITHDRAWN = "withdrawn", _("withdrawn")


class CouponMode(TextChoices):
    """Whether a buyer needs a code, and whose code it is."""

    NONE = "none", _("no coupon")
    SINGLE = "single", _("one code for everybody")
    BATCH = "batch", _("a batch of single-use codes")
    PER_CUSTOMER = "per_customer", _("a code for each customer")


class CheckOccasion(TextChoices):
    """When the limits of a promotion were looked at (CAT-4.4-04)."""

    START = "start", _("before the start")
    HOURLY = "hourly", _("every hour")
