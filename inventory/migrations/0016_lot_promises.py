"""What lots promise at the door: days that fit, expiry where it is wanted, nothing expired in."""

from django.db import migrations

from ops.engines.kernel.ddl import revoke

NEEDS = """
-- The nearest category that says something decides for those below it.
CREATE FUNCTION inventory_needs_expiry(p_path text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce((
        SELECT r.needs_expiry
        FROM inventory_shelflife r JOIN catalog_category c ON c.id = r.category_id
        WHERE c.path = p_path OR starts_with(p_path, c.path || '.')
        ORDER BY length(c.path) DESC LIMIT 1), false)
$$;
"""
NO_NEEDS = "DROP FUNCTION inventory_needs_expiry(text);"

LINE = """
CREATE FUNCTION inventory_receiptline_lot() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    v_expires date;
    v_needs boolean;
    v_opened date;
BEGIN
    IF coalesce(NEW.counted, 0) = 0 THEN
        RETURN NEW;
    END IF;
    SELECT expires_on INTO v_expires FROM inventory_lot WHERE id = NEW.lot_id;
    IF v_expires IS NULL THEN
        SELECT inventory_needs_expiry(c.path) INTO v_needs
        FROM catalog_sku s
        JOIN catalog_product p ON p.id = s.product_id
        JOIN catalog_category c ON c.id = p.category_id
        WHERE s.id = NEW.sku_id;
        IF v_needs THEN
            PERFORM inventory_refuse('receiptline_has_expiry',
                'these goods come in with lot and expiry date only');
        END IF;
    ELSIF NEW.good > 0 THEN
        SELECT (opened_at AT TIME ZONE 'Asia/Shanghai')::date INTO v_opened
        FROM inventory_receipt WHERE id = NEW.receipt_id;
        IF v_expires < v_opened THEN
            PERFORM inventory_refuse('receiptline_good_not_expired', 'expired goods are not good');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER inventory_receiptline_lot
    BEFORE INSERT OR UPDATE OF counted, good, lot_id, sku_id ON inventory_receiptline
    FOR EACH ROW EXECUTE FUNCTION inventory_receiptline_lot();
"""
NO_LINE = """
DROP TRIGGER inventory_receiptline_lot ON inventory_receiptline;
DROP FUNCTION inventory_receiptline_lot();
"""

MOVE = """
CREATE FUNCTION inventory_receipt_not_expired() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM new_rows n
        JOIN inventory_lot t ON t.id = n.lot_id AND t.expires_on < n.business_day
        JOIN inventory_location l ON l.id = n.to_location_id AND l.kind = 'bin'
        WHERE n.source_type = 'inventory.receipt'
    ) THEN
        PERFORM inventory_refuse('move_receipt_not_expired', 'expired goods are not put into stock');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER inventory_move_not_expired AFTER INSERT ON inventory_move
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION inventory_receipt_not_expired();
"""
NO_MOVE = """
DROP TRIGGER inventory_move_not_expired ON inventory_move;
DROP FUNCTION inventory_receipt_not_expired();
"""

LOT = """
CREATE FUNCTION inventory_lot_fixed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.sku_id, NEW.code, NEW.made_on, NEW.expires_on)
       IS DISTINCT FROM (OLD.sku_id, OLD.code, OLD.made_on, OLD.expires_on)
       AND (EXISTS (SELECT FROM inventory_move WHERE lot_id = OLD.id)
            OR EXISTS (SELECT FROM inventory_receiptline l
                       JOIN inventory_receipt r ON r.id = l.receipt_id AND r.state <> 'counting'
                       WHERE l.lot_id = OLD.id)) THEN
        PERFORM inventory_refuse('lot_fixed_once_found',
            'a lot that moved or was found keeps its days');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER inventory_lot_fixed BEFORE UPDATE ON inventory_lot
    FOR EACH ROW EXECUTE FUNCTION inventory_lot_fixed();
"""
NO_LOT = """
DROP TRIGGER inventory_lot_fixed ON inventory_lot;
DROP FUNCTION inventory_lot_fixed();
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0015_lots_at_receiving")]

    operations = [
        migrations.RunSQL(NEEDS, NO_NEEDS),
        migrations.RunSQL(LINE, NO_LINE),
        migrations.RunSQL(MOVE, NO_MOVE),
        migrations.RunSQL(LOT, NO_LOT),
        revoke("inventory_shelflife", "DELETE, TRUNCATE"),
        revoke("inventory_lot", "DELETE, TRUNCATE"),
    ]
