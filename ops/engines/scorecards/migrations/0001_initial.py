from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Card",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scorecard", models.CharField(max_length=60, verbose_name="scorecard")),
                ("subject_type", models.CharField(max_length=60, verbose_name="sort of subject")),
                ("subject_id", models.BigIntegerField(verbose_name="subject")),
                ("subject_name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "subject_person_id",
                    models.BigIntegerField(blank=True, null=True, verbose_name="person judged"),
                ),
                ("scope_id", models.BigIntegerField(blank=True, null=True, verbose_name="scope")),
                ("period", models.CharField(max_length=10, verbose_name="period")),
                ("first_on", models.DateField(verbose_name="first day")),
                ("last_on", models.DateField(verbose_name="last day")),
                ("revision", models.PositiveSmallIntegerField(default=1, verbose_name="revision")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "being marked"),
                            ("marked", "awaiting confirmation"),
                            ("confirmed", "confirmed"),
                            ("published", "published"),
                            ("objected", "objected to"),
                            ("final", "final"),
                            ("revised", "replaced after an objection"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "score",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=5, null=True, verbose_name="score"
                    ),
                ),
                (
                    "grade",
                    models.CharField(blank=True, default="", max_length=2, verbose_name="grade"),
                ),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                ("mark_by_on", models.DateField(verbose_name="to be marked by")),
                (
                    "computed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="computed at"),
                ),
                (
                    "confirmed_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="confirmed by"),
                ),
                (
                    "confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="confirmed at"),
                ),
                (
                    "comment",
                    models.CharField(
                        blank=True, default="", max_length=500, verbose_name="decision"
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="published at"),
                ),
                (
                    "shown_until",
                    models.DateField(blank=True, null=True, verbose_name="on show until"),
                ),
                (
                    "objection_until",
                    models.DateField(blank=True, null=True, verbose_name="objections until"),
                ),
                ("final_at", models.DateTimeField(blank=True, null=True, verbose_name="final at")),
                (
                    "revises",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revised_by",
                        to="scorecards.card",
                        verbose_name="replaced card",
                    ),
                ),
            ],
            options={
                "verbose_name": "scorecard",
                "verbose_name_plural": "scorecards",
                "db_table": "scorecards_card",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("criterion", models.CharField(max_length=40, verbose_name="criterion")),
                ("revision", models.PositiveSmallIntegerField(verbose_name="revision")),
                (
                    "points",
                    models.DecimalField(decimal_places=2, max_digits=5, verbose_name="points"),
                ),
                ("comment", models.CharField(max_length=500, verbose_name="reason of the mark")),
                (
                    "evidence",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="evidence"
                    ),
                ),
                ("marked_by", models.BigIntegerField(verbose_name="marked by")),
                ("marked_at", models.DateTimeField(verbose_name="marked at")),
                (
                    "card",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="marks",
                        to="scorecards.card",
                        verbose_name="card",
                    ),
                ),
            ],
            options={
                "verbose_name": "mark",
                "verbose_name_plural": "marks",
                "db_table": "scorecards_mark",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="CardLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.PositiveSmallIntegerField(verbose_name="place")),
                ("criterion", models.CharField(max_length=40, verbose_name="criterion")),
                (
                    "weight",
                    models.DecimalField(decimal_places=2, max_digits=5, verbose_name="weight"),
                ),
                (
                    "metric",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="metric"),
                ),
                (
                    "metric_version",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="version of the definition"
                    ),
                ),
                (
                    "numerator",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        max_digits=20,
                        null=True,
                        verbose_name="numerator",
                    ),
                ),
                (
                    "denominator",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        max_digits=20,
                        null=True,
                        verbose_name="denominator",
                    ),
                ),
                (
                    "points",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=5, null=True, verbose_name="points"
                    ),
                ),
                (
                    "card",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="scorecards.card",
                        verbose_name="card",
                    ),
                ),
                (
                    "mark",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scorecards.mark",
                        verbose_name="mark",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a scorecard",
                "verbose_name_plural": "lines of scorecards",
                "db_table": "scorecards_line",
                "ordering": ("card", "place"),
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "being reviewed"),
                            ("upheld", "upheld"),
                            ("rejected", "rejected"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(max_length=1000, verbose_name="reason")),
                (
                    "on_behalf_of",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="on behalf of"
                    ),
                ),
                ("filed_by", models.BigIntegerField(verbose_name="filed by")),
                ("filed_at", models.DateTimeField(verbose_name="filed at")),
                (
                    "finding",
                    models.CharField(
                        blank=True, default="", max_length=1000, verbose_name="finding"
                    ),
                ),
                (
                    "decided_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="decided by"),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
                (
                    "card",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objection",
                        to="scorecards.card",
                        verbose_name="card",
                    ),
                ),
            ],
            options={
                "verbose_name": "objection",
                "verbose_name_plural": "objections",
                "db_table": "scorecards_objection",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ScorecardVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scorecard", models.CharField(max_length=60, verbose_name="scorecard")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("first_on", models.DateField(verbose_name="first day")),
                ("content", models.JSONField(verbose_name="rules")),
                ("is_declared", models.BooleanField(verbose_name="taken from the declaration")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("set_by", models.BigIntegerField(blank=True, null=True, verbose_name="set by")),
                ("set_at", models.DateTimeField(verbose_name="set at")),
            ],
            options={
                "verbose_name": "version of a scorecard",
                "verbose_name_plural": "versions of scorecards",
                "db_table": "scorecards_version",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(fields=("scorecard", "number"), name="version_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_declared", True),
                            models.Q(
                                ("set_by__isnull", False), models.Q(("reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="version_edited_by_someone_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="card",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cards",
                to="scorecards.scorecardversion",
                verbose_name="version",
            ),
        ),
        migrations.AddConstraint(
            model_name="mark",
            constraint=models.UniqueConstraint(
                fields=("card", "criterion", "revision"), name="mark_revision_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="mark",
            constraint=models.CheckConstraint(
                condition=models.Q(("points__gte", 0), ("points__lte", 100)),
                name="mark_points_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="mark",
            constraint=models.CheckConstraint(
                condition=models.Q(("comment", ""), _negated=True), name="mark_is_explained"
            ),
        ),
        migrations.AddConstraint(
            model_name="cardline",
            constraint=models.UniqueConstraint(fields=("card", "criterion"), name="line_once"),
        ),
        migrations.AddConstraint(
            model_name="cardline",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight__gt", 0), ("weight__lte", 100)),
                name="line_weight_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="cardline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("points__isnull", True),
                    models.Q(("points__gte", 0), ("points__lte", 100)),
                    _connector="OR",
                ),
                name="line_points_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="cardline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("points__isnull", True),
                    ("mark__isnull", False),
                    models.Q(
                        models.Q(("metric", ""), _negated=True),
                        ("metric_version__isnull", False),
                        ("numerator__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="line_points_have_a_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="cardline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("numerator__isnull", True),
                        models.Q(
                            ("numerator__gt", Decimal(-100000000000000)),
                            ("numerator__lt", Decimal(100000000000000)),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("denominator__isnull", True),
                        models.Q(
                            ("denominator__gt", Decimal(-100000000000000)),
                            ("denominator__lt", Decimal(100000000000000)),
                        ),
                        _connector="OR",
                    ),
                ),
                name="line_parts_finite",
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "upheld", "rejected"])),
                name="objection_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="objection_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by__isnull", True), ("state", "open")),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        models.Q(("finding", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="objection_decided_with_finding",
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    models.Q(("decided_by", models.F("filed_by")), _negated=True),
                    _connector="OR",
                ),
                name="objection_not_decided_by_its_author",
            ),
        ),
        migrations.AddIndex(
            model_name="card",
            index=models.Index(fields=["subject_type", "subject_id", "id"], name="card_of_subject"),
        ),
        migrations.AddIndex(
            model_name="card",
            index=models.Index(fields=["scorecard", "state", "id"], name="card_at_work"),
        ),
        migrations.AddIndex(
            model_name="card",
            index=models.Index(fields=["scorecard", "period", "id"], name="card_of_period"),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.UniqueConstraint(
                fields=("scorecard", "subject_type", "subject_id", "period", "revision"),
                name="card_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "revised"), _negated=True),
                fields=("scorecard", "subject_type", "subject_id", "period"),
                name="card_one_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "open",
                            "marked",
                            "confirmed",
                            "published",
                            "objected",
                            "final",
                            "revised",
                        ],
                    )
                ),
                name="card_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("grade", ""), ("score__isnull", True)),
                    models.Q(("score__gte", 0), ("score__lte", 100)),
                    _connector="OR",
                ),
                name="card_score_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("score__isnull", True), models.Q(("grade", ""), _negated=True), _connector="OR"
                ),
                name="card_graded_with_its_score",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ("confirmed", "published", "objected", "final", "revised")),
                        _negated=True,
                    ),
                    models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                    _connector="OR",
                ),
                name="card_decided_by_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    ("subject_person_id__isnull", True),
                    models.Q(("confirmed_by", models.F("subject_person_id")), _negated=True),
                    _connector="OR",
                ),
                name="card_not_confirmed_by_its_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_on__lte", models.F("last_on"))),
                name="card_days_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="card",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revises__isnull", True), ("revision", 1)),
                    models.Q(("revises__isnull", False), ("revision__gt", 1)),
                    _connector="OR",
                ),
                name="card_revision_replaces_one",
            ),
        ),
    ]
