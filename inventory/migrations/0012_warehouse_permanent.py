"""Warehouses close; they never go, because moves and orders point to them for good."""

from django.db import migrations

from ops.engines.kernel.ddl import permanent


class Migration(migrations.Migration):
    """Refuse to delete or renumber warehouses."""

    dependencies = [("inventory", "0011_document_promises")]

    operations = [permanent("inventory_warehouse")]
