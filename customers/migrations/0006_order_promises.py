"""The order book's references and first states, checked once a statement."""

from django.db import migrations

from customers.ddl import order_steps_sql
from ops.engines.kernel.ddl import permanent, refers


class Migration(migrations.Migration):
    """Keep orders for good; check what points to them set by set."""

    dependencies = [
        ("catalog", "0004_permanent"),
        ("customers", "0005_set_based_references"),
        ("inventory", "0012_warehouse_permanent"),
    ]

    operations = [
        permanent("customers_order"),
        refers("customers_order", channel_id="catalog_channel", warehouse_id="inventory_warehouse"),
        refers("customers_orderline", order_id="customers_order", sku_id="catalog_sku"),
        refers("customers_orderstep", order_id="customers_order"),
        migrations.RunSQL(order_steps_sql(), migrations.RunSQL.noop),
    ]
