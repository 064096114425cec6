"""An attachment's row is evidence: it never changes."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial")]

    operations = [append_only("files_attachment")]
