"""Words of goods: kinds and states."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ProductState(TextChoices):
    """Life of a product."""

    DRAFT = "draft", _("draft")
    ACTIVE = "active", _("active")
    RETIRED = "retired", _("retired")


class SkuKind(TextChoices):
    """Whether a SKU is kept in stock."""

    GOODS = "goods", _("goods")
    SERVICE = "service", _("service, postage or fee")
