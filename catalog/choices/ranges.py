"""Words of the range review: what it proposes, why, and how a drop goes."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Verdict(TextChoices):
    """What becomes of a SKU in the range (CAT-4.1-05)."""

    KEEP = "keep", _("keep")
    PUSH = "push", _("push")
    DROP = "drop", _("drop")


class Ground(TextChoices):
    """What speaks for or against a SKU in the figures of the month."""

    UNSOLD = "unsold", _("nothing sold all month")
    LOSING = "losing", _("earns nothing")
    SLOW = "slow", _("turns slowly")
    RETURNED = "returned", _("often comes back")
    NEW = "new", _("new this month, not judged yet")
    BEST = "best", _("among the best")


class DropState(TextChoices):
    """Life of a request to drop SKUs."""

    SUBMITTED = "submitted", _("submitted")
    RETURNED = "returned", _("returned")
    WITHDRAWN = "withdrawn", _("withdrawn")
    APPROVED = "approved", _("approved")


class LineState(TextChoices):
    """What has become of one SKU of a drop."""

    ASKED = "asked", _("waits for a decision")
    STOPPED = "stopped", _("not bought any more")
    LET_GO = "let_go", _("stays in the range")
