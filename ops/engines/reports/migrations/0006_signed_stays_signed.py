"""Signatures cite the figures they stand under; differences and signatures stay."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only

CITES = """
CREATE FUNCTION reports_signature_cites() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    signed reports_reportedition;
BEGIN
    SELECT * INTO signed FROM reports_reportedition WHERE id = NEW.edition_id;
    IF signed.standing = 'provisional' OR signed.digest <> NEW.digest THEN
        RAISE EXCEPTION 'a signature cites the digest of final figures'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reportsignature_cites_figures';
    END IF;
    IF NEW.kind = 'released' AND (signed.standing <> 'restated'
            OR signed.differences_digest = ''
            OR signed.differences_digest <> NEW.differences_digest) THEN
        RAISE EXCEPTION 'who releases a restatement signs its differences'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reportsignature_cites_differences';
    END IF;
    IF NEW.kind = 'approved' AND NOT EXISTS (
            SELECT FROM reports_reportsignature s
             WHERE s.edition_id = NEW.edition_id AND s.kind = 'prepared') THEN
        RAISE EXCEPTION 'figures are prepared before they are approved'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reportsignature_prepared_first';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reports_signature_cites BEFORE INSERT ON reports_reportsignature
    FOR EACH ROW EXECUTE FUNCTION reports_signature_cites();
"""
NO_CITES = """
DROP TRIGGER reports_signature_cites ON reports_reportsignature;
DROP FUNCTION reports_signature_cites();
"""


class Migration(migrations.Migration):
    """Two persons, one digest."""

    dependencies = [("reports", "0005_signatures_and_differences")]

    operations = [
        migrations.RunSQL(CITES, NO_CITES),
        append_only("reports_reportsignature"),
        append_only("reports_reportdifference"),
    ]
