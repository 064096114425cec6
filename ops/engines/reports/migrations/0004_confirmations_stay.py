"""What a person confirmed stays said."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only


class Migration(migrations.Migration):
    """Confirmations are never changed nor taken away."""

    dependencies = [("reports", "0003_confirmations")]

    operations = [append_only("reports_reportconfirmation")]
