"""A case ends when its buyers were told and its measures decided; what is recorded stays."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only, revoke

COURSE = """
CREATE FUNCTION customers_forbiddensale_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'closed' OR (NEW.number, NEW.product_id, NEW.kind, NEW.facts, NEW.delisted,
                                NEW.confirmed_by, NEW.confirmed_at)
       IS DISTINCT FROM (OLD.number, OLD.product_id, OLD.kind, OLD.facts, OLD.delisted,
                         OLD.confirmed_by, OLD.confirmed_at) THEN
        PERFORM catalog_refuse('forbiddensale_stays_as_confirmed', 'a case stays as confirmed');
    END IF;
    IF NEW.state = 'closed' AND (
            EXISTS (SELECT FROM customers_recallline r WHERE r.case_id = NEW.id
                    AND r.told_at IS NULL)
            OR NOT EXISTS (SELECT FROM customers_salepenalty p WHERE p.case_id = NEW.id)) THEN
        PERFORM catalog_refuse('forbiddensale_ends_when_done',
                               'buyers are to be told and a measure decided first');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER customers_forbiddensale_course BEFORE UPDATE ON customers_forbiddensale
    FOR EACH ROW EXECUTE FUNCTION customers_forbiddensale_course();
CREATE FUNCTION customers_recallline_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.told_at IS NOT NULL OR (NEW.case_id, NEW.order_id, NEW.sku_id, NEW.quantity)
       IS DISTINCT FROM (OLD.case_id, OLD.order_id, OLD.sku_id, OLD.quantity) THEN
        PERFORM catalog_refuse('recallline_told_once', 'a buyer is recorded as told once');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER customers_recallline_course BEFORE UPDATE ON customers_recallline
    FOR EACH ROW EXECUTE FUNCTION customers_recallline_course();
"""
NO_COURSE = """
DROP TRIGGER customers_recallline_course ON customers_recallline;
DROP FUNCTION customers_recallline_course();
DROP TRIGGER customers_forbiddensale_course ON customers_forbiddensale;
DROP FUNCTION customers_forbiddensale_course();
"""


class Migration(migrations.Migration):
    """Keep cases, recalls and measures."""

    dependencies = [("customers", "0015_forbidden_sales")]

    operations = [
        migrations.RunSQL(COURSE, NO_COURSE),
        revoke("customers_forbiddensale", "DELETE"),
        revoke("customers_recallline", "DELETE"),
        append_only("customers_salepenalty"),
    ]
