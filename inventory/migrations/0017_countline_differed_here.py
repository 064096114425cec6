"""Where goods differed before: an index beside work, because count lines are many."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inventory", "0016_lot_promises")]

    operations = [
        AddIndexConcurrently(
            model_name="countline",
            index=models.Index(
                condition=models.Q(("variance", 0), _negated=True),
                fields=["location", "sku"],
                name="countline_differed_here",
            ),
        ),
    ]
