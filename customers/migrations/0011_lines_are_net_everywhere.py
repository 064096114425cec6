"""Read the tables once, while they are written on, and trust the rule of net amounts."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Validate what the former step put in place."""

    dependencies = [("customers", "0010_lines_are_net")]

    operations = [
        ValidateConstraint("orderline", "orderline_amount_is_net"),
        ValidateConstraint("orderline", "orderline_discount_of_a_sale"),
        ValidateConstraint("returnline", "returnline_amount_is_net"),
        ValidateConstraint("return", "return_gift_value_sane"),
    ]
