"""An offer that was taken off sale is not recommended while it is (CAT-4.1-04)."""

from django.db import migrations

_MAY = """
CREATE OR REPLACE FUNCTION catalog_may_recommend(sku bigint, channel bigint, at timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM catalog_sku s JOIN catalog_product p ON p.id = s.product_id
        WHERE s.id = sku AND s.kind = 'goods' AND s.state = 'active' AND p.state = 'active'
          AND EXISTS (SELECT 1 FROM catalog_listingshelf f
                      WHERE f.product_id = p.id AND f.channel_id = channel AND f.during @> at)
          AND NOT EXISTS (SELECT 1 FROM catalog_goodsban b
                          WHERE b.product_id = p.id AND b.banned_at <= at
                            AND (b.lifted_at IS NULL OR b.lifted_at > at)))
    AND EXISTS (
        SELECT 1 FROM catalog_pricerange r
        WHERE r.sku_id = sku AND r.channel_id = channel AND r.valid @> at){suspended}
$$;
"""
MAY = _MAY.format(
    suspended="""
    AND NOT EXISTS (
        SELECT 1 FROM catalog_offersuspension x
        WHERE x.channel_id = channel AND x.sku_id = sku AND x.since <= at
          AND (x.lifted_at IS NULL OR x.lifted_at > at))"""
)


class Migration(migrations.Migration):
    """Look at suspensions too."""

    dependencies = [("catalog", "0132_display_promises")]

    operations = [migrations.RunSQL(MAY, _MAY.format(suspended=""))]
