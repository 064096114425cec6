"""Who read which final version of figures."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Keep confirmations."""

    dependencies = [
        ("identity", "0004_history"),
        ("reports", "0002_sealed_stays_sealed"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportConfirmation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("confirmed_at", models.DateTimeField(verbose_name="confirmed at")),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmations",
                        to="reports.reportedition",
                        verbose_name="report version",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "confirmation of a report",
                "verbose_name_plural": "confirmations of reports",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "person"), name="reportconfirmation_once"
                    )
                ],
            },
        ),
    ]
