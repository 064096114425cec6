"""When an item of the close list was first seen done."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Keep when an item was done."""

    dependencies = [
        ("finance", "0006_match_agrees"),
    ]

    operations = [
        migrations.AddField(
            model_name="closeitem",
            name="done_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="done at"),
        ),
    ]
