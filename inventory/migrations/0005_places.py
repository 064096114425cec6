"""The four places that are not ours, and the steps a shipment may take."""

from django.db import migrations

PLACES = """
INSERT INTO inventory_location (warehouse_id, code, name, kind, is_default, is_active) VALUES
    (NULL, 'SUPPLIER', '', 'supplier', true, true),
    (NULL, 'CUSTOMER', '', 'customer', true, true),
    (NULL, 'GAIN_LOSS', '', 'gain_loss', true, true),
    (NULL, 'OPENING', '', 'opening', true, true);
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0004_history")]

    operations = [
        migrations.RunSQL(
            PLACES, "DELETE FROM inventory_location WHERE warehouse_id IS NULL AND is_default;"
        )
    ]
