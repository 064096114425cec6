"""An order keeps the tier it was priced under and its shipping fee; a return what of it goes back.

Constants only, so that no row is read or written.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the columns."""

    dependencies = [("customers", "0051_buyer_tier_promises")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="tier",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="As it was when the order was priced.",
                max_length=40,
                verbose_name="tier of the buyer",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="shipping",
            field=models.DecimalField(
                db_default=0,
                decimal_places=2,
                default=0,
                max_digits=20,
                verbose_name="shipping fee",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="shipping_discount",
            field=models.DecimalField(
                db_default=0,
                decimal_places=2,
                default=0,
                max_digits=20,
                verbose_name="discount on the shipping fee",
            ),
        ),
        migrations.AddField(
            model_name="return",
            name="shipping",
            field=models.DecimalField(
                db_default=0,
                decimal_places=2,
                default=0,
                max_digits=20,
                verbose_name="shipping fee paid back",
            ),
        ),
    ]
