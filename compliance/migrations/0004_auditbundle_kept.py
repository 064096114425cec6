"""A bundle that was made is not unmade: its row stays as it is."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only


class Migration(migrations.Migration):
    """Refuse UPDATE, DELETE and TRUNCATE of bundles."""

    dependencies = [("compliance", "0003_auditbundle")]

    operations = [append_only("compliance_auditbundle")]
