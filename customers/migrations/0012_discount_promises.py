"""Discounts add up to their line and are counted by their promotion; gifts are lines of price 0."""

from django.db import migrations

from customers.ddl import DISCOUNTS_ADD_UP, DISCOUNTS_ADD_UP_REVERSE
from ops.engines.kernel.ddl import append_only, refers


class Migration(migrations.Migration):
    """Put the promises of promoted orders into the database."""

    dependencies = [
        ("catalog", "0021_promotion_promises"),
        ("customers", "0011_lines_are_net_everywhere"),
    ]

    operations = [
        refers("customers_orderdiscount", order_id="customers_order"),
        refers("customers_ordergift", order_id="customers_order"),
        append_only("customers_orderdiscount"),
        append_only("customers_ordergift"),
        migrations.RunSQL(DISCOUNTS_ADD_UP, DISCOUNTS_ADD_UP_REVERSE),
    ]
