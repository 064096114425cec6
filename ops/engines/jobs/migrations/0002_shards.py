"""A period may be cut into shards, each of which has one run."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One run per period and shard; the run of a whole period has an empty shard."""

    dependencies = [("jobs", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(
            model_name="jobrun",
            name="run_once_per_period",
        ),
        migrations.AddField(
            model_name="jobrun",
            name="shard",
            field=models.TextField(blank=True, default="", verbose_name="shard"),
        ),
        migrations.AddConstraint(
            model_name="jobrun",
            constraint=models.UniqueConstraint(
                fields=("job", "period", "shard"), name="run_once_per_period"
            ),
        ),
    ]
