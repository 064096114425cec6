"""Outside sources and the files they sent."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tables", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Source",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40, unique=True, verbose_name="code")),
                ("title", models.CharField(max_length=80, verbose_name="source")),
                ("profile", models.CharField(max_length=80, verbose_name="file layout")),
                ("options", models.JSONField(default=dict, verbose_name="options")),
                (
                    "scope_kind",
                    models.CharField(blank=True, max_length=40, verbose_name="scope kind"),
                ),
                ("scope_id", models.BigIntegerField(null=True, verbose_name="scope")),
                (
                    "rhythm",
                    models.CharField(
                        choices=[("daily", "every working day"), ("weekly", "every week")],
                        max_length=6,
                        verbose_name="how often",
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Monday"),
                            (2, "Tuesday"),
                            (3, "Wednesday"),
                            (4, "Thursday"),
                            (5, "Friday"),
                            (6, "Saturday"),
                            (7, "Sunday"),
                        ],
                        verbose_name="weekday",
                    ),
                ),
                ("hour", models.PositiveSmallIntegerField(verbose_name="hour")),
                ("owner", models.CharField(max_length=40, verbose_name="who answers for it")),
                (
                    "licence",
                    models.CharField(blank=True, max_length=400, verbose_name="licence note"),
                ),
                ("opened_by", models.BigIntegerField(null=True, verbose_name="opened by")),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                (
                    "closed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="closed at"),
                ),
            ],
            options={
                "verbose_name": "outside source",
                "verbose_name_plural": "outside sources",
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[a-z0-9][a-z0-9_-]{1,39}$")),
                        name="source_code_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("hour__lte", 23),
                            ("rhythm__in", ["daily", "weekly"]),
                            ("weekday__gte", 1),
                            ("weekday__lte", 7),
                        ),
                        name="source_owes_at_a_known_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True),
                            models.Q(("profile", ""), _negated=True),
                            models.Q(("owner", ""), _negated=True),
                        ),
                        name="source_is_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("scope_id__isnull", True), ("scope_kind", "")),
                            models.Q(
                                models.Q(("scope_kind", ""), _negated=True),
                                ("scope_id__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="source_scope_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SentFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, unique=True, verbose_name="key"
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file name")),
                ("sha256", models.CharField(max_length=64, verbose_name="sha256 of the file")),
                ("size", models.BigIntegerField(verbose_name="bytes")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits to be read"),
                            ("taken", "figures taken over"),
                            ("known", "known already"),
                            ("refused", "refused"),
                            ("failed", "could not be read"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="failed tries")),
                ("message", models.TextField(blank=True, verbose_name="why")),
                ("sent_by", models.BigIntegerField(null=True, verbose_name="sent by")),
                ("sent_name", models.CharField(blank=True, max_length=120, verbose_name="sender")),
                ("sent_at", models.DateTimeField(verbose_name="sent at")),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="read at")),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tables.importbatch",
                        verbose_name="import",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="sources.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of a source",
                "verbose_name_plural": "files of sources",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["source", "-id"], name="sentfile_newest"),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["id"],
                        name="sentfile_waiting",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("waiting", "taken", "known"))),
                        fields=("source", "sha256"),
                        name="sentfile_bytes_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "taken", "known", "refused", "failed"])
                        ),
                        name="sentfile_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$"), ("size__gte", 1)),
                        name="sentfile_is_hashed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("batch__isnull", True),
                                ("read_at__isnull", True),
                                ("state", "waiting"),
                            ),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True),
                                ("read_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="sentfile_waits_or_was_read",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["taken", "known"]), _negated=True),
                            ("batch__isnull", False),
                            _connector="OR",
                        ),
                        name="sentfile_taken_names_its_import",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["refused", "failed"]), _negated=True),
                            models.Q(("message", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="sentfile_says_why_not",
                    ),
                ],
            },
        ),
    ]
