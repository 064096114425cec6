"""Versions of figures never change; a sealed run neither changes nor goes."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only

SEALED = """
CREATE FUNCTION reports_sealed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a sealed report run never changes'
        USING ERRCODE = 'check_violation', TABLE = 'reports_reportrun',
              CONSTRAINT = 'reportrun_sealed_stays';
END $$;
CREATE TRIGGER reports_reportrun_sealed BEFORE UPDATE OR DELETE ON reports_reportrun
    FOR EACH ROW WHEN (OLD.state = 'done') EXECUTE FUNCTION reports_sealed_stays();
"""
UNSEALED = """
DROP TRIGGER reports_reportrun_sealed ON reports_reportrun;
DROP FUNCTION reports_sealed_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [
        append_only("reports_reportedition"),
        migrations.RunSQL(SEALED, UNSEALED),
    ]
