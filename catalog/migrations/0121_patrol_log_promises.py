"""The patrol log stays, and penalties fit their case, kept by the database (CAT-4.2-03)."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only, permanent, revoke, revoke_columns

FITS = """
CREATE FUNCTION catalog_pricepenalty_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found catalog_priceviolation;
BEGIN
    SELECT * INTO found FROM catalog_priceviolation v WHERE v.id = NEW.violation_id;
    IF found.kind = 'floor_rose' THEN
        PERFORM catalog_refuse('pricepenalty_has_a_fault', 'a cost that rose is nobody''s fault');
    END IF;
    IF NEW.points <> (CASE found.severity
                      WHEN 'severe' THEN 6 WHEN 'medium' THEN 3 ELSE 1 END) THEN
        PERFORM catalog_refuse('pricepenalty_points_of_its_severity', 'other points are published');
    END IF;
    IF NEW.confirmed_by IS NOT DISTINCT FROM found.owner_id THEN
        PERFORM catalog_refuse('pricepenalty_not_ones_own', 'nobody judges a price of one''s own');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_pricepenalty_fits BEFORE INSERT ON catalog_pricepenalty
    FOR EACH ROW EXECUTE FUNCTION catalog_pricepenalty_fits();
CREATE FUNCTION catalog_pricepenalty_once_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_refuse('pricepenalty_taken_back_once', 'what was taken back stays so');
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_pricepenalty_once_back BEFORE UPDATE ON catalog_pricepenalty
    FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL)
    EXECUTE FUNCTION catalog_pricepenalty_once_back();
"""
NO_FITS = """
DROP TRIGGER catalog_pricepenalty_once_back ON catalog_pricepenalty;
DROP FUNCTION catalog_pricepenalty_once_back();
DROP TRIGGER catalog_pricepenalty_fits ON catalog_pricepenalty;
DROP FUNCTION catalog_pricepenalty_fits();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0120_patrol_log")]

    operations = [
        append_only("catalog_pricepatrol"),
        permanent("catalog_pricepenalty"),
        revoke("catalog_pricepenalty", "DELETE"),
        revoke_columns(
            "catalog_pricepenalty", updatable=("revoked_by", "revoked_at", "revoked_why")
        ),
        migrations.RunSQL(FITS, NO_FITS),
    ]
