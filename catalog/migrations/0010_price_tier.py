"""Prices for a tier of customers; the empty tier is everybody's, so nothing is rewritten."""

import django.contrib.postgres.constraints
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_permanent")]

    operations = [
        migrations.RemoveConstraint(
            model_name="pricerange",
            name="pricerange_never_two_at_once",
        ),
        migrations.AddField(
            model_name="pricechange",
            name="tier",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="Empty: everybody's price.",
                max_length=16,
                verbose_name="price tier",
            ),
        ),
        migrations.AddField(
            model_name="pricerange",
            name="tier",
            field=models.CharField(
                blank=True, db_default="", max_length=16, verbose_name="price tier"
            ),
        ),
        migrations.AddConstraint(
            model_name="pricechange",
            constraint=models.CheckConstraint(
                condition=models.Q(("tier__regex", "^[a-z0-9_]*$")),
                name="pricechange_tier_readable",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricerange",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("sku", "="), ("channel", "="), ("tier", "="), ("valid", "&&")],
                name="pricerange_never_two_at_once",
            ),
        ),
    ]
