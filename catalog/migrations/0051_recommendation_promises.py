"""Recommendations stay as they were published, and never hold what may not be sold."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only

MAY = """
CREATE FUNCTION catalog_may_recommend(sku bigint, channel bigint, at timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM catalog_sku s JOIN catalog_product p ON p.id = s.product_id
        WHERE s.id = sku AND s.kind = 'goods' AND s.state = 'active' AND p.state = 'active')
    AND EXISTS (
        SELECT 1 FROM catalog_pricerange r
        WHERE r.sku_id = sku AND r.channel_id = channel AND r.valid @> at)
$$;
"""
NO_MAY = "DROP FUNCTION catalog_may_recommend(bigint, bigint, timestamptz);"

ON_SALE = """
CREATE FUNCTION catalog_recommendationpair_on_sale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT set_id, other_id FROM given) g
        JOIN catalog_recommendationset s ON s.id = g.set_id
        WHERE NOT catalog_may_recommend(g.other_id, s.channel_id, s.published_at)) THEN
        PERFORM catalog_refuse('recommendationpair_on_sale',
                               'goods that are retired or off sale are not recommended');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_recommendationpair_on_sale AFTER INSERT ON catalog_recommendationpair
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT
    EXECUTE FUNCTION catalog_recommendationpair_on_sale();
"""
NO_ON_SALE = """
DROP TRIGGER catalog_recommendationpair_on_sale ON catalog_recommendationpair;
DROP FUNCTION catalog_recommendationpair_on_sale();
"""


class Migration(migrations.Migration):
    """Say what may be recommended, refuse the rest, and keep every version."""

    dependencies = [("catalog", "0050_recommendations")]

    operations = [
        migrations.RunSQL(MAY, NO_MAY),
        migrations.RunSQL(ON_SALE, NO_ON_SALE),
        append_only("catalog_recommendationrule"),
        append_only("catalog_recommendationset"),
        append_only("catalog_recommendationpair"),
        append_only("catalog_recommendationoutcome"),
    ]
