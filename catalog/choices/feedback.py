"""Words of feedback on products and of the department that answers it (HR-1.2-02)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FeedbackSource(TextChoices):
    """Where it was said."""

    REVIEW = "review", _("review in the channel")
    RETURN = "return", _("return")
    SERVICE = "service", _("noted by service")
    FILE = "file", _("imported file")


class FeedbackStep(TextChoices):
    """Where an item stands."""

    NEW = "new", _("waits for somebody")
    TAKEN = "taken", _("being looked into")
    ANSWERED = "answered", _("reply given")
    CLOSED = "closed", _("done with")
    REOPENED = "reopened", _("opened again")


class Finding(TextChoices):
    """What the department found."""

    NONE = "none", _("nothing to change")
    CONTENT = "content", _("description or pictures")
    QUALITY = "quality", _("quality of the goods")
    PRICE = "price", _("price")
    OTHER = "other", _("something else")


class LedTo(TextChoices):
    """What an answer led to; each is named by its number."""

    CONTENT_TASK = "content_task", _("Content task")
    LISTING = "listing", _("Edit of a listing")
    SELECTION = "selection", _("Proposal for the range")
    DROP = "drop", _("Drop from the range")


class LifeKind(TextChoices):
    """The parts of a product's life that its log tells apart."""

    GOODS = "goods", _("Product and codes")
    OWNER = "owner", _("Department")
    LISTING = "listing", _("Listing")
    DELISTING = "delisting", _("Delisting")
    PRICE = "price", _("Prices")
    PROMOTION = "promotion", _("Promotions")
    CONTENT = "content", _("Content")
    QUALITY = "quality", _("Quality")
    RANGE = "range", _("Range")
    FEEDBACK = "feedback", _("Feedback")
