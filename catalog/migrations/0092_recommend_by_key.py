"""What may be recommended is looked up by its key, whatever the planner knows of the tables.

The function is taken into the statement around it. Without statistics, as on a database that was
just loaded, its questions became joins that read all prices once a SKU; a fence (OFFSET 0) keeps
each of them to one entry of an index.
"""

from django.db import migrations

MAY = """
CREATE OR REPLACE FUNCTION catalog_may_recommend(sku bigint, channel bigint, at timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM catalog_sku s CROSS JOIN LATERAL (
            SELECT 1 FROM catalog_product p
            WHERE p.id = s.product_id AND p.state = 'active' OFFSET 0) p
        WHERE s.id = sku AND s.kind = 'goods' AND s.state = 'active' OFFSET 0)
    AND EXISTS (
        SELECT 1 FROM catalog_pricerange r
        WHERE r.sku_id = sku AND r.channel_id = channel AND r.valid @> at OFFSET 0)
$$;
"""
FORMER = """
CREATE OR REPLACE FUNCTION catalog_may_recommend(sku bigint, channel bigint, at timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM catalog_sku s JOIN catalog_product p ON p.id = s.product_id
        WHERE s.id = sku AND s.kind = 'goods' AND s.state = 'active' AND p.state = 'active')
    AND EXISTS (
        SELECT 1 FROM catalog_pricerange r
        WHERE r.sku_id = sku AND r.channel_id = channel AND r.valid @> at)
$$;
"""


class Migration(migrations.Migration):
    """Fence the questions."""

    dependencies = [("catalog", "0091_range_promises")]

    operations = [migrations.RunSQL(MAY, FORMER)]
