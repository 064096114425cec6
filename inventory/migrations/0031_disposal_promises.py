"""A disposal is opened by a drop, proposed once, and ends when nothing is left: by the database."""

from django.db import migrations

from ops.engines.kernel.ddl import revoke

COURSE = """
CREATE FUNCTION inventory_stockdisposal_refuse(name text, words text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', words USING ERRCODE = 'check_violation',
        TABLE = 'inventory_stockdisposal', CONSTRAINT = name;
END $$;
CREATE FUNCTION inventory_stockdisposal_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'open' OR NEW.source_type <> 'catalog.rangedrop' OR NOT EXISTS (
                SELECT 1 FROM catalog_rangedropline l
                WHERE l.drop_id = NEW.source_id AND l.sku_id = NEW.sku_id
                  AND l.state = 'stopped') THEN
            PERFORM inventory_stockdisposal_refuse('stockdisposal_of_dropped_goods',
                                                   'no drop took these goods out of the range');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.number, NEW.sku_id, NEW.warehouse_id, NEW.source_type, NEW.source_id, NEW.pieces,
        NEW.value, NEW.opened_at)
       IS DISTINCT FROM (OLD.number, OLD.sku_id, OLD.warehouse_id, OLD.source_type, OLD.source_id,
                         OLD.pieces, OLD.value, OLD.opened_at)
       OR (OLD.state <> 'open' AND (NEW.treatment, NEW.note, NEW.filed_by, NEW.filed_at)
           IS DISTINCT FROM (OLD.treatment, OLD.note, OLD.filed_by, OLD.filed_at)) THEN
        PERFORM inventory_stockdisposal_refuse('stockdisposal_stays', 'what was written stays');
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
            ('open', 'filed'), ('filed', 'ended')) THEN
        PERFORM inventory_stockdisposal_refuse('stockdisposal_moves_as_declared',
            'no disposal goes from ' || OLD.state || ' to ' || NEW.state);
    END IF;
    IF NEW.state = 'ended' AND OLD.state <> 'ended' AND EXISTS (
            SELECT 1 FROM inventory_stock s
            WHERE s.sku_id = NEW.sku_id AND s.warehouse_id = NEW.warehouse_id
              AND s.owned > 0) THEN
        PERFORM inventory_stockdisposal_refuse('stockdisposal_ends_empty', 'pieces are left');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER inventory_stockdisposal_course BEFORE INSERT OR UPDATE ON inventory_stockdisposal
    FOR EACH ROW EXECUTE FUNCTION inventory_stockdisposal_course();
"""
NO_COURSE = """
DROP TRIGGER inventory_stockdisposal_course ON inventory_stockdisposal;
DROP FUNCTION inventory_stockdisposal_course();
DROP FUNCTION inventory_stockdisposal_refuse(text, text);
"""


class Migration(migrations.Migration):
    """Guard the course of a disposal; none is deleted."""

    dependencies = [
        ("inventory", "0030_stock_disposal"),
        ("catalog", "0091_range_promises"),
    ]

    operations = [
        migrations.RunSQL(COURSE, NO_COURSE),
        revoke("inventory_stockdisposal", "DELETE"),
    ]
