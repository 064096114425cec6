"""The amount of a line is its price less its discount: for new rows at once, see the next step."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """Put the rule of net amounts in the place of the former one, without reading the tables."""

    dependencies = [("customers", "0009_discounts_and_gifts")]

    operations = [
        AddConstraintNotValid(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=Q(amount=F("quantity") * F("unit_price") - F("discount")),
                name="orderline_amount_is_net",
            ),
        ),
        AddConstraintNotValid(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=Q(discount=0)
                | Q(kind="sale", discount__gt=0, discount__lt=10**15, amount__gte=0),
                name="orderline_discount_of_a_sale",
            ),
        ),
        AddConstraintNotValid(
            model_name="returnline",
            constraint=models.CheckConstraint(
                condition=Q(
                    discount__gte=0,
                    amount__gte=0,
                    amount=F("quantity") * F("unit_price") - F("discount"),
                ),
                name="returnline_amount_is_net",
            ),
        ),
        AddConstraintNotValid(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=Q(gift_value__gte=0, gift_value__lt=10**15),
                name="return_gift_value_sane",
            ),
        ),
        migrations.RemoveConstraint("orderline", "orderline_amount_is_product"),
        migrations.RemoveConstraint("returnline", "returnline_amount_is_product"),
    ]
