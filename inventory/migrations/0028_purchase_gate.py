"""What is retired, or came after go-live without an approved proposal, is not bought."""

from django.db import migrations

LINES = """
CREATE FUNCTION inventory_purchaseline_may_be_bought() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    barred text;
BEGIN
    SELECT string_agg(b.code || ' ' || b.why, ', ') INTO barred
    FROM catalog_barred_from_purchase((SELECT array_agg(DISTINCT n.sku_id) FROM fresh n)) b;
    IF barred IS NOT NULL THEN
        RAISE EXCEPTION 'not to be bought: %', barred
            USING ERRCODE = 'check_violation', TABLE = 'inventory_purchaseline',
                  CONSTRAINT = 'purchaseline_may_be_bought';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER inventory_purchaseline_may_be_bought AFTER INSERT ON inventory_purchaseline
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    EXECUTE FUNCTION inventory_purchaseline_may_be_bought();
CREATE FUNCTION inventory_purchaseline_sku_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a line keeps its SKU' USING ERRCODE = 'check_violation',
        TABLE = 'inventory_purchaseline', CONSTRAINT = 'purchaseline_sku_stays';
END $$;
CREATE TRIGGER inventory_purchaseline_sku_stays BEFORE UPDATE OF sku_id ON inventory_purchaseline
    FOR EACH ROW WHEN (NEW.sku_id <> OLD.sku_id)
    EXECUTE FUNCTION inventory_purchaseline_sku_stays();
"""
NO_LINES = """
DROP TRIGGER inventory_purchaseline_sku_stays ON inventory_purchaseline;
DROP FUNCTION inventory_purchaseline_sku_stays();
DROP TRIGGER inventory_purchaseline_may_be_bought ON inventory_purchaseline;
DROP FUNCTION inventory_purchaseline_may_be_bought();
"""

# Goods may be retired between the draft and its sending: what goes out is looked at again.
ORDERS = """
CREATE FUNCTION inventory_purchaseorder_may_go_out() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    barred text;
BEGIN
    SELECT string_agg(b.code || ' ' || b.why, ', ') INTO barred
    FROM catalog_barred_from_purchase(
        (SELECT array_agg(l.sku_id) FROM inventory_purchaseline l WHERE l.purchase_id = NEW.id)) b;
    IF barred IS NOT NULL THEN
        RAISE EXCEPTION 'not to be bought: %', barred
            USING ERRCODE = 'check_violation', TABLE = 'inventory_purchaseorder',
                  CONSTRAINT = 'purchaseorder_may_go_out';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER inventory_purchaseorder_may_go_out BEFORE UPDATE OF state ON inventory_purchaseorder
    FOR EACH ROW WHEN (NEW.state <> OLD.state AND NEW.state IN ('submitted', 'sent'))
    EXECUTE FUNCTION inventory_purchaseorder_may_go_out();
"""
NO_ORDERS = """
DROP TRIGGER inventory_purchaseorder_may_go_out ON inventory_purchaseorder;
DROP FUNCTION inventory_purchaseorder_may_go_out();
"""


class Migration(migrations.Migration):
    """Refuse lines of such goods, and orders with such lines when they go out."""

    dependencies = [
        ("inventory", "0022_stock_of_warehouse"),
        ("catalog", "0084_selection_promises"),
    ]

    operations = [
        migrations.RunSQL(LINES, NO_LINES),
        migrations.RunSQL(ORDERS, NO_ORDERS),
    ]
