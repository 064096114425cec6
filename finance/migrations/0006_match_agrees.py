"""A match by hand agrees to the fen, in the database as in the service."""

from django.db import migrations

from finance.ddl import MATCHING_SQL, MATCHING_SQL_REVERSE


class Migration(migrations.Migration):
    """Refuse a match whose sides differ without a code."""

    dependencies = [("finance", "0005_settlement_promises")]

    operations = [migrations.RunSQL(MATCHING_SQL, MATCHING_SQL_REVERSE)]
