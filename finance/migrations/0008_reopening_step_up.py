"""Who asks to open a closed month, and who decides it, proves it with a fresh second factor."""

from django.db import migrations

from ops.engines.approvals.ddl import require_step_up


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0007_closeitem_done_at"),
        ("approvals", "0005_signed_decisions"),
    ]

    operations = [require_step_up("period_reopen", on_request=True)]
