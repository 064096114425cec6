"""No shelf takes banned goods, nothing recommends them, and a ban only ends by being lifted."""

from django.db import migrations

from ops.engines.kernel.ddl import permanent, revoke, revoke_columns

SHELF = """
CREATE FUNCTION catalog_listingshelf_not_banned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A ban under way is waited for, and seen by the next statement.
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('catalog.goodsban', 0));
    IF EXISTS (SELECT 1 FROM given g
               JOIN catalog_goodsban b ON b.product_id = g.product_id AND b.lifted_at IS NULL) THEN
        PERFORM catalog_refuse('listingshelf_not_banned',
                               'these goods are banned from every channel');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_listingshelf_not_banned AFTER INSERT ON catalog_listingshelf
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT
    EXECUTE FUNCTION catalog_listingshelf_not_banned();
"""
NO_SHELF = """
DROP TRIGGER catalog_listingshelf_not_banned ON catalog_listingshelf;
DROP FUNCTION catalog_listingshelf_not_banned();
"""
ONCE = """
CREATE FUNCTION catalog_goodsban_lifted_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.lifted_at IS NOT NULL THEN
        PERFORM catalog_refuse('goodsban_lifted_once', 'this ban was lifted; give a new one');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_goodsban_lifted_once BEFORE UPDATE ON catalog_goodsban
    FOR EACH ROW EXECUTE FUNCTION catalog_goodsban_lifted_once();
"""
NO_ONCE = """
DROP TRIGGER catalog_goodsban_lifted_once ON catalog_goodsban;
DROP FUNCTION catalog_goodsban_lifted_once();
"""
_MAY = """
CREATE OR REPLACE FUNCTION catalog_may_recommend(sku bigint, channel bigint, at timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM catalog_sku s JOIN catalog_product p ON p.id = s.product_id
        WHERE s.id = sku AND s.kind = 'goods' AND s.state = 'active' AND p.state = 'active'
          AND EXISTS (SELECT 1 FROM catalog_listingshelf f
                      WHERE f.product_id = p.id AND f.channel_id = channel AND f.during @> at){ban})
    AND EXISTS (
        SELECT 1 FROM catalog_pricerange r
        WHERE r.sku_id = sku AND r.channel_id = channel AND r.valid @> at)
$$;
"""
MAY = _MAY.format(
    ban="""
          AND NOT EXISTS (SELECT 1 FROM catalog_goodsban b
                          WHERE b.product_id = p.id AND b.banned_at <= at
                            AND (b.lifted_at IS NULL OR b.lifted_at > at))"""
)


class Migration(migrations.Migration):
    """Refuse banned goods where they would be sold or shown."""

    dependencies = [("catalog", "0127_goods_bans")]

    operations = [
        migrations.RunSQL(SHELF, NO_SHELF),
        migrations.RunSQL(ONCE, NO_ONCE),
        migrations.RunSQL(MAY, _MAY.format(ban="")),
        permanent("catalog_goodsban"),
        revoke("catalog_goodsban", "DELETE, TRUNCATE"),
        revoke_columns("catalog_goodsban", updatable=("lifted_by", "lifted_at", "lifted_why")),
    ]
