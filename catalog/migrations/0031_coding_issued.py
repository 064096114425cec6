"""Every code a SKU bears today was issued."""

from django.db import migrations


class Migration(migrations.Migration):
    """Enter the codes of the SKUs that are there."""

    dependencies = [("catalog", "0030_coding_and_categories")]

    operations = [
        migrations.RunSQL(
            """
            INSERT INTO catalog_issuedcode (code_key, code, sku_id, rule_id, issued_at)
            SELECT code_key, code, id, NULL, now() FROM catalog_sku ORDER BY id
            """,
            migrations.RunSQL.noop,
        )
    ]
