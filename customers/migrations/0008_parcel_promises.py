"""Parts add up, joint parcels have one recipient; what was noted stays."""

from django.db import migrations

from customers.ddl import (
    MERGED_ALIKE,
    MERGED_ALIKE_REVERSE,
    PARTS_WHOLE,
    PARTS_WHOLE_REVERSE,
)
from ops.engines.kernel.ddl import append_only


class Migration(migrations.Migration):
    """Put the promises of divided and joined orders into the database."""

    dependencies = [("customers", "0007_parts_and_parcels")]

    operations = [
        migrations.RunSQL(PARTS_WHOLE, PARTS_WHOLE_REVERSE),
        migrations.RunSQL(MERGED_ALIKE, MERGED_ALIKE_REVERSE),
        append_only("customers_ordermerge"),
        append_only("customers_ordernote"),
    ]
