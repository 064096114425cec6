"""What a control answered stays said."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only


class Migration(migrations.Migration):
    """Results are never changed nor taken away."""

    dependencies = [("controls", "0001_initial")]

    operations = [append_only("controls_controlresult")]
