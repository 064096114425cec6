"""The order's steps, kept by the database; step rows are append-only."""

from django.db import migrations

from customers.ddl import ORDER_STEPS_REVERSE, order_steps_sql
from ops.engines.kernel.ddl import append_only


class Migration(migrations.Migration):
    """Put the transition table into a trigger."""

    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.RunSQL(order_steps_sql(), ORDER_STEPS_REVERSE),
        append_only("customers_orderstep"),
    ]
