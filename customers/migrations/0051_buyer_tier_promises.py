"""What was recorded of a buyer's tier stays; only its end may come, once, and never in the past."""

from django.db import migrations

from ops.engines.kernel.ddl import revoke

ONLY_ENDS = """
CREATE FUNCTION customers_customertier_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL
       OR (NEW.id, NEW.customer_id, NEW.tier, NEW.reason, NEW.source, NEW.batch_id, NEW.set_by,
           NEW.set_at)
          IS DISTINCT FROM (OLD.id, OLD.customer_id, OLD.tier, OLD.reason, OLD.source,
                            OLD.batch_id, OLD.set_by, OLD.set_at)
       OR (CASE WHEN isempty(NEW.valid) THEN lower(OLD.valid) >= NEW.ended_at
               ELSE lower(NEW.valid) = lower(OLD.valid) AND upper(NEW.valid) >= NEW.ended_at
                    AND (upper_inf(OLD.valid) OR upper(NEW.valid) < upper(OLD.valid)) END)
          IS NOT TRUE THEN
        RAISE EXCEPTION 'the tier of a buyer only ends, once, from now on'
            USING ERRCODE = 'check_violation', TABLE = 'customers_customertier',
                  CONSTRAINT = 'customertier_only_ends';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER customertier_only_ends BEFORE UPDATE OR DELETE ON customers_customertier
    FOR EACH ROW EXECUTE FUNCTION customers_customertier_only_ends();
"""
NO_ONLY_ENDS = """
DROP TRIGGER customertier_only_ends ON customers_customertier;
DROP FUNCTION customers_customertier_only_ends();
"""


class Migration(migrations.Migration):
    """Keep the tiers of buyers."""

    dependencies = [("customers", "0050_buyer_tiers")]

    operations = [
        migrations.RunSQL(ONLY_ENDS, NO_ONLY_ENDS),
        revoke("customers_customertier", "DELETE"),
    ]
