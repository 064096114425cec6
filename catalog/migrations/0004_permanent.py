"""Channels and SKUs retire; they never go, because orders point to them for good."""

from django.db import migrations

from ops.engines.kernel.ddl import permanent


class Migration(migrations.Migration):
    """Refuse to delete or renumber channels and SKUs."""

    dependencies = [("catalog", "0003_price_promises")]

    operations = [permanent("catalog_channel"), permanent("catalog_sku")]
