"""What the ledger promises: balanced, append-only, in open periods, balances kept by the database."""

from django.db import migrations

from finance.ddl import LEDGER_SQL, LEDGER_SQL_REVERSE
from ops.engines.kernel.ddl import append_only, revoke
from ops.engines.periods.ddl import guard_period


class Migration(migrations.Migration):
    """Put the promises into triggers and rights."""

    dependencies = [("finance", "0001_initial"), ("periods", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE finance_journalentry"
            " ADD COLUMN txid xid8 NOT NULL DEFAULT pg_current_xact_id();",
            "ALTER TABLE finance_journalentry DROP COLUMN txid;",
        ),
        migrations.RunSQL(LEDGER_SQL, LEDGER_SQL_REVERSE),
        append_only("finance_journalentry"),
        append_only("finance_journalline"),
        revoke("finance_accountbalance", "INSERT, UPDATE, DELETE"),
        guard_period("finance_journalentry", "ledger"),
    ]
