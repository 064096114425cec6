"""The check log of promotions stays (CAT-4.4-04)."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only


class Migration(migrations.Migration):
    dependencies = [("catalog", "0122_promotion_checks")]

    operations = [append_only("catalog_promotioncheck")]
