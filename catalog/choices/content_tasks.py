"""Words of content production: what is made, how far it is, what a promotion needs."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ContentKind(TextChoices):
    """What a content task makes; each has its own order of steps (CAT-4.3-11, CAT-4.3-12)."""

    COPY = "copy", _("copywriting")
    DESIGN = "design", _("design")
    POST = "post", _("social post")


class TaskStep(TextChoices):
    """Where a content task stands; `wanted` waits for somebody to be named."""

    WANTED = "wanted", _("to be assigned")
    ASSIGNED = "assigned", _("assigned")
    BRIEFED = "briefed", _("briefed")
    ACCEPTED = "accepted", _("taken on")
    DRAFTED = "drafted", _("drafted")
    SUBMITTED = "submitted", _("submitted for review")
    RETURNED = "returned", _("sent back to be redone")
    APPROVED = "approved", _("approved, to be released")
    PUBLISHED = "published", _("published to customers")
    DELIVERED = "delivered", _("delivered for use")
    CANCELLED = "cancelled", _("called off")


class About(TextChoices):
    """What the result belongs to; each is a column of the task."""

    LISTING = "listing", _("Listing")
    PAGE = "page", _("Shop page")
    TRADE_STEP = "trade_step", _("Guidance text")
    MODULE = "module", _("Page module type")
    PROMOTION = "promotion", _("Promotion")


class Material(TextChoices):
    """What publicity a promotion may need (CAT-4.4-05)."""

    PAGE = "page", _("promotion page")
    IMAGES = "images", _("images")
    COPY = "copy", _("copy of the promotion")
    POSTS = "posts", _("posts")
