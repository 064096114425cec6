"""A shipment goes step by step, and leaves only with goods that were held for it."""

from django.db import migrations

STEPS = """
CREATE FUNCTION inventory_guard_shipment() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'open' THEN
            RAISE EXCEPTION 'a shipment begins open' USING ERRCODE = 'check_violation',
                TABLE = 'inventory_shipment', CONSTRAINT = 'shipment_step_allowed';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('open', 'picked'), ('open', 'cancelled'),
        ('picked', 'packed'), ('picked', 'open'), ('picked', 'cancelled'),
        ('packed', 'shipped'), ('packed', 'open'), ('packed', 'cancelled')) THEN
        RAISE EXCEPTION 'a shipment cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', TABLE = 'inventory_shipment',
                  CONSTRAINT = 'shipment_step_allowed';
    END IF;
    IF NEW.state = 'shipped' AND OLD.state <> 'shipped' AND (
        NOT EXISTS (SELECT 1 FROM inventory_shipmentline l WHERE l.shipment_id = NEW.id)
        OR EXISTS (SELECT 1 FROM inventory_shipmentline l
                   JOIN inventory_reservation r ON r.id = l.reservation_id
                   WHERE l.shipment_id = NEW.id AND r.state <> 'consumed')) THEN
        RAISE EXCEPTION 'goods leave only against their reservation'
            USING ERRCODE = 'check_violation', TABLE = 'inventory_shipment',
                  CONSTRAINT = 'shipment_needs_reservation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER inventory_shipment_steps BEFORE INSERT OR UPDATE OF state ON inventory_shipment
    FOR EACH ROW EXECUTE FUNCTION inventory_guard_shipment();
"""

# Lines and places are laid end to end per SKU and warehouse; a pick is where the two overlap.
ALLOCATE = """
CREATE FUNCTION inventory_allocate(p_shipments bigint[], p_day date)
RETURNS TABLE (sku text, available bigint, needed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = @planning@ AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM inventory_stock s
    WHERE (s.sku_id, s.warehouse_id) IN (
        SELECT l.sku_id, h.warehouse_id
        FROM inventory_shipmentline l JOIN inventory_shipment h ON h.id = l.shipment_id
        WHERE h.id = ANY (p_shipments))
    ORDER BY s.sku_id, s.warehouse_id FOR NO KEY UPDATE OF s;
    WITH line AS (
        SELECT l.id, l.sku_id, s.warehouse_id, l.quantity,
               sum(l.quantity) OVER (PARTITION BY s.warehouse_id, l.sku_id
                                     ORDER BY l.shipment_id, l.line_no) AS upto
        FROM inventory_shipmentline l JOIN inventory_shipment s ON s.id = l.shipment_id
        WHERE s.id = ANY (p_shipments)
    ), spoken AS (
        SELECT p.location_id, p.sku_id, p.lot_id, sum(p.quantity) AS quantity
        FROM inventory_pick p
        WHERE p.is_open AND p.sku_id IN (SELECT sku_id FROM line)
        GROUP BY p.location_id, p.sku_id, p.lot_id
    ), place AS (
        SELECT b.location_id, b.sku_id, b.lot_id, o.warehouse_id, t.expires_on, t.received_on,
               o.is_default, o.code, b.on_hand - coalesce(k.quantity, 0) AS free
        FROM inventory_balance b
        JOIN inventory_location o ON o.id = b.location_id AND o.kind = 'bin' AND o.is_active
        LEFT JOIN inventory_lot t ON t.id = b.lot_id
        LEFT JOIN spoken k ON k.location_id = b.location_id AND k.sku_id = b.sku_id
                          AND k.lot_id IS NOT DISTINCT FROM b.lot_id
        WHERE b.sku_id IN (SELECT sku_id FROM line) AND b.on_hand > coalesce(k.quantity, 0)
          AND (t.expires_on IS NULL OR t.expires_on >= p_day)
    ), laid AS (
        SELECT p.*, sum(p.free) OVER (
            PARTITION BY p.warehouse_id, p.sku_id
            ORDER BY p.expires_on NULLS LAST, p.received_on NULLS FIRST, p.lot_id NULLS FIRST,
                     p.is_default DESC, p.code, p.location_id) AS upto
        FROM place p
    )
    INSERT INTO inventory_pick (line_id, location_id, sku_id, lot_id, quantity, is_open)
    SELECT l.id, p.location_id, p.sku_id, p.lot_id,
           least(l.upto, p.upto) - greatest(l.upto - l.quantity, p.upto - p.free), true
    FROM line l
    JOIN laid p ON p.sku_id = l.sku_id AND p.warehouse_id = l.warehouse_id
               AND p.upto > l.upto - l.quantity AND p.upto - p.free < l.upto
    ORDER BY l.id, p.upto;
    RETURN QUERY
    SELECT k.code::text, coalesce(sum(p.quantity), 0)::bigint, l.quantity
    FROM inventory_shipmentline l
    JOIN catalog_sku k ON k.id = l.sku_id
    LEFT JOIN inventory_pick p ON p.line_id = l.id AND p.is_open
    WHERE l.shipment_id = ANY (p_shipments)
    GROUP BY l.id, k.code, l.quantity
    HAVING coalesce(sum(p.quantity), 0) < l.quantity
    ORDER BY l.id;
END $$;
"""
FEW = ALLOCATE.replace("@planning@", "force_generic_plan")
MANY = ALLOCATE.replace("inventory_allocate", "inventory_allocate_many").replace(
    "@planning@", "force_custom_plan"
)


class Migration(migrations.Migration):
    dependencies = [("inventory", "0005_places")]

    operations = [
        migrations.RunSQL(
            STEPS,
            "DROP TRIGGER inventory_shipment_steps ON inventory_shipment;"
            " DROP FUNCTION inventory_guard_shipment();",
        ),
        migrations.RunSQL(FEW, "DROP FUNCTION inventory_allocate;"),
        migrations.RunSQL(MANY, "DROP FUNCTION inventory_allocate_many;"),
    ]
