"""What matching and closing promise: statements stay as they came, two persons behind what counts."""

from django.db import migrations

from finance.ddl import (
    CLOSE_SQL,
    CLOSE_SQL_REVERSE,
    MANUAL_SQL,
    MANUAL_SQL_REVERSE,
    NEEDS_APPROVAL,
    REOPENING_SQL,
    REOPENING_SQL_REVERSE,
)
from ops.engines.approvals.ddl import guard_by_approval
from ops.engines.kernel.ddl import append_only, revoke, revoke_columns


class Migration(migrations.Migration):
    """Put the promises into triggers and rights."""

    dependencies = [
        ("finance", "0004_settlement_and_close"),
        ("periods", "0001_initial"),
        ("approvals", "0002_promises"),
    ]

    operations = [
        append_only("finance_settlementline"),
        append_only("finance_paymentrecord"),
        append_only("finance_reconciliation"),
        append_only("finance_agreement"),
        revoke("finance_settlementfile", "DELETE"),
        revoke_columns("finance_settlementfile", updatable=("reconciled_at",)),
        revoke("finance_break", "DELETE"),
        revoke("finance_monthclose", "DELETE"),
        guard_by_approval(
            "finance_journalentry", "manual_journal", when_sql=NEEDS_APPROVAL, on_update=False
        ),
        migrations.RunSQL(MANUAL_SQL, MANUAL_SQL_REVERSE),
        migrations.RunSQL(REOPENING_SQL, REOPENING_SQL_REVERSE),
        migrations.RunSQL(CLOSE_SQL, CLOSE_SQL_REVERSE),
    ]
