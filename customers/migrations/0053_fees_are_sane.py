"""A fee is never below zero and its discount never above it: for new rows at once, then for all."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """Put the rules of fees in place without reading the tables; the next step reads them."""

    dependencies = [("customers", "0052_orders_with_tier_and_fee")]

    operations = [
        AddConstraintNotValid(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=Q(
                    shipping__gte=0,
                    shipping__lt=10**15,
                    shipping_discount__gte=0,
                    shipping_discount__lte=F("shipping"),
                ),
                name="order_shipping_sane",
            ),
        ),
        AddConstraintNotValid(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=Q(shipping__gte=0, shipping__lt=10**15), name="return_shipping_sane"
            ),
        ),
    ]
