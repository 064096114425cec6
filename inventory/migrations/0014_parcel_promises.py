"""What is joined in one parcel stays together: one warehouse, one label, one step at a time."""

from django.db import migrations

TOGETHER = """
CREATE FUNCTION inventory_guard_parcel() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.parcel_id IS DISTINCT FROM OLD.parcel_id AND OLD.state <> 'open' THEN
        RAISE EXCEPTION 'shipment % is %: a parcel is joined or parted before it is picked',
            NEW.number, OLD.state USING ERRCODE = 'check_violation',
            TABLE = 'inventory_shipment', CONSTRAINT = 'shipment_joined_while_open';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER inventory_shipment_joined BEFORE UPDATE OF parcel_id ON inventory_shipment
    FOR EACH ROW EXECUTE FUNCTION inventory_guard_parcel();
CREATE FUNCTION inventory_parcel_together() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM inventory_shipment a
        JOIN inventory_shipment b ON b.parcel_id = a.parcel_id AND b.id <> a.id
        WHERE a.id = NEW.id AND (a.warehouse_id, a.state, a.carrier, a.tracking_no)
                                <> (b.warehouse_id, b.state, b.carrier, b.tracking_no)) THEN
        RAISE EXCEPTION 'shipment % left its parcel behind', NEW.number
            USING ERRCODE = 'check_violation', TABLE = 'inventory_shipment',
                  CONSTRAINT = 'shipment_parcel_together';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER inventory_shipment_together
    AFTER INSERT OR UPDATE OF parcel_id, warehouse_id, state, carrier, tracking_no
    ON inventory_shipment DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.parcel_id IS NOT NULL) EXECUTE FUNCTION inventory_parcel_together();
"""
REVERSE = """
DROP TRIGGER inventory_shipment_together ON inventory_shipment;
DROP FUNCTION inventory_parcel_together();
DROP TRIGGER inventory_shipment_joined ON inventory_shipment;
DROP FUNCTION inventory_guard_parcel();
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0013_parcels")]

    operations = [migrations.RunSQL(TOGETHER, REVERSE)]
