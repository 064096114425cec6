"""Words of shop pages: kinds of pages, steps of a purchase, kinds of fields."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PageKind(TextChoices):
    """The pages of which every channel's set consists (MKT-5.3-10)."""

    HOME = "home", _("home page")
    DETAIL = "detail", _("detail page")
    CATEGORY = "category", _("category page")


class TradeStepKind(TextChoices):
    """The steps of a purchase, in their order (SCM-2.4-07)."""

    REGISTER = "register", _("registration")
    CHOOSE = "choose", _("choice of goods")
    ORDER = "order", _("placing the order")
    PAY = "pay", _("paying")
    DELIVER = "deliver", _("delivery of the goods")
    CONFIRM = "confirm", _("confirmation of receipt")


class FieldKind(TextChoices):
    """What a field of a page module holds."""

    TEXT = "text", _("one line")
    LINES = "lines", _("several lines")
    IMAGE = "image", _("picture")
    LINK = "link", _("link")
    GOODS = "goods", _("SKUs")
    NUMBER = "number", _("whole number")


class PreviewOrigin(TextChoices):
    """How a preview came to be."""

    RENDERED = "rendered", _("rendered here")
    HANDED_IN = "handed_in", _("screenshot handed in")
