"""What is said about products, the steps it took, and how long an answer may take."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables."""

    dependencies = [
        ("catalog", "0141_search_rank_promises"),
        ("identity", "0109_passkey_facts"),
    ]

    operations = [
        migrations.CreateModel(
            name="FeedbackRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("no", models.PositiveIntegerField(unique=True, verbose_name="version")),
                ("working_days", models.PositiveSmallIntegerField(verbose_name="working days")),
                ("why", models.CharField(max_length=200, verbose_name="reason")),
                ("set_by", models.BigIntegerField(null=True, verbose_name="set by")),
                ("set_at", models.DateTimeField(verbose_name="set at")),
            ],
            options={
                "verbose_name": "rule of feedback",
                "verbose_name_plural": "rules of feedback",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("working_days__gte", 1),
                            ("working_days__lte", 30),
                            models.Q(("why", ""), _negated=True),
                        ),
                        name="feedbackrule_days_sane",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProductFeedback",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=32, unique=True, verbose_name="number")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("review", "review in the channel"),
                            ("return", "return"),
                            ("service", "noted by service"),
                            ("file", "imported file"),
                        ],
                        max_length=8,
                        verbose_name="source",
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True,
                        db_collation="C",
                        max_length=64,
                        verbose_name="order, return or review",
                    ),
                ),
                ("text", models.TextField(verbose_name="what was said")),
                (
                    "rating",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="rating"),
                ),
                ("received_at", models.DateTimeField(verbose_name="received at")),
                (
                    "effect_key",
                    models.CharField(
                        blank=True,
                        max_length=160,
                        null=True,
                        unique=True,
                        verbose_name="effect key",
                    ),
                ),
                ("recorded_by", models.BigIntegerField(null=True, verbose_name="recorded by")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("new", "waits for somebody"),
                            ("taken", "being looked into"),
                            ("answered", "reply given"),
                            ("closed", "done with"),
                            ("reopened", "opened again"),
                        ],
                        default="new",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("step_no", models.PositiveIntegerField(default=0, verbose_name="number of steps")),
                ("step_at", models.DateTimeField(verbose_name="since")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="reply due")),
                (
                    "person",
                    models.BigIntegerField(blank=True, null=True, verbose_name="looked into by"),
                ),
                (
                    "finding",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none", "nothing to change"),
                            ("content", "description or pictures"),
                            ("quality", "quality of the goods"),
                            ("price", "price"),
                            ("other", "something else"),
                        ],
                        max_length=8,
                        verbose_name="finding",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.channel",
                        verbose_name="channel",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whose queue it came to.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feedback",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the product as a whole.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.sku",
                        verbose_name="SKU",
                    ),
                ),
            ],
            options={
                "verbose_name": "product feedback",
                "verbose_name_plural": "product feedback",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ProductFeedbackStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("no", models.PositiveIntegerField(verbose_name="number")),
                (
                    "before",
                    models.CharField(
                        choices=[
                            ("new", "waits for somebody"),
                            ("taken", "being looked into"),
                            ("answered", "reply given"),
                            ("closed", "done with"),
                            ("reopened", "opened again"),
                        ],
                        max_length=8,
                        verbose_name="step before",
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("new", "waits for somebody"),
                            ("taken", "being looked into"),
                            ("answered", "reply given"),
                            ("closed", "done with"),
                            ("reopened", "opened again"),
                        ],
                        max_length=8,
                        verbose_name="step",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="reason")),
                ("reply", models.TextField(blank=True, verbose_name="reply")),
                (
                    "finding",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none", "nothing to change"),
                            ("content", "description or pictures"),
                            ("quality", "quality of the goods"),
                            ("price", "price"),
                            ("other", "something else"),
                        ],
                        max_length=8,
                        verbose_name="finding",
                    ),
                ),
                (
                    "led_to",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("content_task", "Content task"),
                            ("listing", "Edit of a listing"),
                            ("selection", "Proposal for the range"),
                            ("drop", "Drop from the range"),
                        ],
                        max_length=12,
                        verbose_name="led to",
                    ),
                ),
                (
                    "led_id",
                    models.BigIntegerField(blank=True, null=True, verbose_name="what it led to"),
                ),
                (
                    "led_number",
                    models.CharField(blank=True, max_length=32, verbose_name="its number"),
                ),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="reply due")),
                ("done_by", models.BigIntegerField(null=True, verbose_name="done by")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "feedback",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="catalog.productfeedback",
                        verbose_name="product feedback",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of product feedback",
                "verbose_name_plural": "steps of product feedback",
                "ordering": ("feedback", "no"),
            },
        ),
        migrations.AddIndex(
            model_name="productfeedback",
            index=models.Index(fields=["department", "step", "id"], name="productfeedback_queue"),
        ),
        migrations.AddIndex(
            model_name="productfeedback",
            index=models.Index(fields=["product", "-id"], name="productfeedback_of_product"),
        ),
        migrations.AddIndex(
            model_name="productfeedback",
            index=models.Index(fields=["received_at"], name="productfeedback_by_time"),
        ),
        migrations.AddConstraint(
            model_name="productfeedback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("finding__in", ["", "none", "content", "quality", "price", "other"]),
                    ("source__in", ["review", "return", "service", "file"]),
                    ("step__in", ["new", "taken", "answered", "closed", "reopened"]),
                    models.Q(("text", ""), _negated=True),
                ),
                name="productfeedback_words_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="productfeedback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rating__isnull", True),
                    models.Q(("rating__gte", 1), ("rating__lte", 5)),
                    _connector="OR",
                ),
                name="productfeedback_rating_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="productfeedback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "text__regex",
                            "[^\\s@]+@[^\\s@]+\\.[^\\s@]+|[0-9]{15,}|(?<![0-9])1[3-9][0-9]([ -]?[0-9]){8}(?![0-9])|(?<![0-9])0[0-9]{2,3}[ -]?[0-9]{7,8}(?![0-9])",
                        ),
                        _negated=True,
                    ),
                    models.Q(
                        ("reference__regex", "@|^(\\+?86[ -]?)?1[3-9][0-9]{9}$"), _negated=True
                    ),
                ),
                name="productfeedback_reaches_nobody",
            ),
        ),
        migrations.AddConstraint(
            model_name="productfeedback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("due_at__isnull", False), ("step__in", ["new", "taken", "reopened"])),
                    models.Q(("due_at__isnull", True), ("step__in", ["answered", "closed"])),
                    _connector="OR",
                ),
                name="productfeedback_due_while_open",
            ),
        ),
        migrations.AddIndex(
            model_name="productfeedbackstep",
            index=models.Index(fields=["step", "at"], name="productfeedbackstep_answers"),
        ),
        migrations.AddConstraint(
            model_name="productfeedbackstep",
            constraint=models.UniqueConstraint(
                fields=("feedback", "no"), name="productfeedbackstep_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="productfeedbackstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("finding__in", ["none", "content", "quality", "price", "other"]),
                        ("step", "answered"),
                        models.Q(("reply", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("step", "answered"), _negated=True),
                        ("finding", ""),
                        ("led_to", ""),
                        ("reply", ""),
                    ),
                    _connector="OR",
                ),
                name="productfeedbackstep_answer_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="productfeedbackstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("led_id__isnull", True), ("led_number", ""), ("led_to", "")),
                    models.Q(
                        ("led_id__isnull", False),
                        ("led_to__in", ["content_task", "listing", "selection", "drop"]),
                        models.Q(("led_number", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="productfeedbackstep_led_to_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="productfeedbackstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("step", "reopened"), _negated=True),
                    models.Q(("note", ""), _negated=True),
                    _connector="OR",
                ),
                name="productfeedbackstep_reopened_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="productfeedbackstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "reply__regex",
                            "[^\\s@]+@[^\\s@]+\\.[^\\s@]+|[0-9]{15,}|(?<![0-9])1[3-9][0-9]([ -]?[0-9]){8}(?![0-9])|(?<![0-9])0[0-9]{2,3}[ -]?[0-9]{7,8}(?![0-9])",
                        ),
                        _negated=True,
                    ),
                    models.Q(
                        (
                            "note__regex",
                            "[^\\s@]+@[^\\s@]+\\.[^\\s@]+|[0-9]{15,}|(?<![0-9])1[3-9][0-9]([ -]?[0-9]){8}(?![0-9])|(?<![0-9])0[0-9]{2,3}[ -]?[0-9]{7,8}(?![0-9])",
                        ),
                        _negated=True,
                    ),
                ),
                name="productfeedbackstep_reaches_nobody",
            ),
        ),
    ]
