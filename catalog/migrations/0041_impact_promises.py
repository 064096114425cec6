"""A forecast stays what it was: nobody corrects it after the outcome is known."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only


class Migration(migrations.Migration):
    dependencies = [("catalog", "0040_impact_report")]

    operations = [append_only("catalog_impactreport")]
