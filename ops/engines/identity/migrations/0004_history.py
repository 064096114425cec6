"""Keep who changed an account or the days of a position, field by field."""

from django.db import migrations

from ops.engines.audit.ddl import track_history


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_register_of_roles"), ("audit", "0001_initial")]

    operations = [
        track_history(
            "identity_user", columns=["username", "person_id", "is_active", "is_staff", "is_demo"]
        ),
        track_history("identity_assignment", columns=["position_id", "department_id", "valid"]),
        track_history("identity_department", columns=["code", "name", "parent_id"]),
    ]
