"""The log of the stock that channels show only grows; so do buffers and messages (CAT-4.3-10)."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only, revoke


class Migration(migrations.Migration):
    """Keep every figure that was told, and why."""

    dependencies = [("catalog", "0110_shown_stock")]

    operations = [
        append_only("catalog_channelbuffer"),
        append_only("catalog_stockpush"),
        append_only("catalog_stocksyncentry"),
        revoke("catalog_shownstock", "DELETE"),
    ]
