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


class Migration(migrations.Migration):
    dependencies = [("inventory", "0005_places")]

    operations = [
        migrations.RunSQL(
            STEPS,
            "DROP TRIGGER inventory_shipment_steps ON inventory_shipment;"
            " DROP FUNCTION inventory_guard_shipment();",
        )
    ]
