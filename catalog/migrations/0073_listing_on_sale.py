"""What is off the shelf of a channel is not recommended there."""

from django.db import migrations, models

_MAY = """
CREATE OR REPLACE FUNCTION catalog_may_recommend(sku bigint, channel bigint, at timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM catalog_sku s JOIN catalog_product p ON p.id = s.product_id
        WHERE s.id = sku AND s.kind = 'goods' AND s.state = 'active' AND p.state = 'active'{shelf})
    AND EXISTS (
        SELECT 1 FROM catalog_pricerange r
        WHERE r.sku_id = sku AND r.channel_id = channel AND r.valid @> at)
$$;
"""
MAY = _MAY.format(
    shelf="""
          AND EXISTS (SELECT 1 FROM catalog_listingshelf f
                      WHERE f.product_id = p.id AND f.channel_id = channel AND f.during @> at)"""
)


class Migration(migrations.Migration):
    """Look at the shelf too."""

    dependencies = [("catalog", "0072_listing_takeover")]

    operations = [
        migrations.RunSQL(MAY, _MAY.format(shelf="")),
        migrations.AlterField(
            model_name="priceviolation",
            name="kind",
            field=models.CharField(
                choices=[
                    ("no_price", "shown without an approved price"),
                    ("wrong_price", "shown at another price than approved"),
                    ("window_over", "shown at the price of a window that is over"),
                    ("below_floor", "shown below the floor"),
                    ("floor_rose", "approved price lies below today's floor"),
                    ("no_proof", "struck-out price without proof"),
                    ("still_shown", "shown although suspended or off the shelf"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
    ]
