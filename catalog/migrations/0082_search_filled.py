"""Every SKU that is there is found."""

from django.db import migrations


class Migration(migrations.Migration):
    """Make the documents of the SKUs that are there."""

    dependencies = [("catalog", "0081_search_documents")]

    operations = [
        migrations.RunSQL(
            "SELECT catalog_search_refresh(array_agg(id)) FROM catalog_sku HAVING count(*) > 0",
            migrations.RunSQL.noop,
        )
    ]
