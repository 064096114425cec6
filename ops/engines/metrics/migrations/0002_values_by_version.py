"""Values of a former version of a definition stay beside those of the new one."""

from django.db import migrations, models

from ops.engines.kernel.ddl import revoke_columns


class Migration(migrations.Migration):
    dependencies = [("metrics", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(
            model_name="metricvalue",
            name="metricvalue_once",
        ),
        migrations.AddConstraint(
            model_name="metricvalue",
            constraint=models.UniqueConstraint(
                fields=("metric", "dimension", "member", "day", "version"), name="metricvalue_once"
            ),
        ),
        revoke_columns("metrics_metricvalue", updatable=("numerator", "denominator", "stored_at")),
    ]
