"""The order's steps, kept by the database; step rows are append-only; the stage is unlogged."""

from django.db import migrations

from customers.ddl import ORDER_STEPS_REVERSE, order_steps_sql
from ops.engines.kernel.ddl import append_only


class Migration(migrations.Migration):
    """Put the transition table into a trigger."""

    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.RunSQL(order_steps_sql(), ORDER_STEPS_REVERSE),
        append_only("customers_orderstep"),
        migrations.RunSQL(
            "ALTER TABLE customers_historystage SET UNLOGGED;",
            "ALTER TABLE customers_historystage SET LOGGED;",
        ),
    ]
