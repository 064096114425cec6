"""Content tasks with their steps and versions; what publicity a promotion needs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables."""

    dependencies = [
        ("approvals", "0005_signed_decisions"),
        ("catalog", "0091_range_promises"),
        ("files", "0002_append_only"),
        ("revisions", "0002_promises"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContentMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("copy", "copywriting"),
                            ("design", "design"),
                            ("post", "social post"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "before",
                    models.CharField(
                        choices=[
                            ("wanted", "to be assigned"),
                            ("assigned", "assigned"),
                            ("briefed", "briefed"),
                            ("accepted", "taken on"),
                            ("drafted", "drafted"),
                            ("submitted", "submitted for review"),
                            ("returned", "sent back to be redone"),
                            ("approved", "approved, to be released"),
                            ("published", "published to customers"),
                            ("delivered", "delivered for use"),
                            ("cancelled", "called off"),
                        ],
                        max_length=10,
                        verbose_name="step before",
                    ),
                ),
                (
                    "after",
                    models.CharField(
                        choices=[
                            ("wanted", "to be assigned"),
                            ("assigned", "assigned"),
                            ("briefed", "briefed"),
                            ("accepted", "taken on"),
                            ("drafted", "drafted"),
                            ("submitted", "submitted for review"),
                            ("returned", "sent back to be redone"),
                            ("approved", "approved, to be released"),
                            ("published", "published to customers"),
                            ("delivered", "delivered for use"),
                            ("cancelled", "called off"),
                        ],
                        max_length=10,
                        verbose_name="step after",
                    ),
                ),
            ],
            options={
                "verbose_name": "move of content tasks",
                "verbose_name_plural": "moves of content tasks",
            },
        ),
        migrations.CreateModel(
            name="ContentStep",
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
                            ("wanted", "to be assigned"),
                            ("assigned", "assigned"),
                            ("briefed", "briefed"),
                            ("accepted", "taken on"),
                            ("drafted", "drafted"),
                            ("submitted", "submitted for review"),
                            ("returned", "sent back to be redone"),
                            ("approved", "approved, to be released"),
                            ("published", "published to customers"),
                            ("delivered", "delivered for use"),
                            ("cancelled", "called off"),
                        ],
                        max_length=10,
                        verbose_name="step before",
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("wanted", "to be assigned"),
                            ("assigned", "assigned"),
                            ("briefed", "briefed"),
                            ("accepted", "taken on"),
                            ("drafted", "drafted"),
                            ("submitted", "submitted for review"),
                            ("returned", "sent back to be redone"),
                            ("approved", "approved, to be released"),
                            ("published", "published to customers"),
                            ("delivered", "delivered for use"),
                            ("cancelled", "called off"),
                        ],
                        max_length=10,
                        verbose_name="step",
                    ),
                ),
                (
                    "person",
                    models.BigIntegerField(blank=True, null=True, verbose_name="worked on by"),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="reason")),
                ("done_by", models.BigIntegerField(null=True, verbose_name="done by")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "due_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="next step due"),
                ),
            ],
            options={
                "verbose_name": "step of a content task",
                "verbose_name_plural": "steps of content tasks",
                "ordering": ("task", "no"),
            },
        ),
        migrations.CreateModel(
            name="ContentTask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=32, unique=True, verbose_name="number")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("copy", "copywriting"),
                            ("design", "design"),
                            ("post", "social post"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "about",
                    models.CharField(
                        choices=[
                            ("listing", "Listing"),
                            ("page", "Shop page"),
                            ("trade_step", "Guidance text"),
                            ("module", "Page module type"),
                            ("promotion", "Promotion"),
                        ],
                        max_length=10,
                        verbose_name="about",
                    ),
                ),
                (
                    "material",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("page", "promotion page"),
                            ("images", "images"),
                            ("copy", "copy of the promotion"),
                            ("posts", "posts"),
                        ],
                        help_text="What of the publicity of a promotion it is.",
                        max_length=8,
                        verbose_name="material",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("purpose", models.CharField(blank=True, max_length=400, verbose_name="purpose")),
                ("words", models.TextField(blank=True, verbose_name="brief")),
                (
                    "width",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="width in pixels"
                    ),
                ),
                (
                    "height",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="height in pixels"
                    ),
                ),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due at")),
                ("opened_by", models.BigIntegerField(null=True, verbose_name="opened by")),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("wanted", "to be assigned"),
                            ("assigned", "assigned"),
                            ("briefed", "briefed"),
                            ("accepted", "taken on"),
                            ("drafted", "drafted"),
                            ("submitted", "submitted for review"),
                            ("returned", "sent back to be redone"),
                            ("approved", "approved, to be released"),
                            ("published", "published to customers"),
                            ("delivered", "delivered for use"),
                            ("cancelled", "called off"),
                        ],
                        default="wanted",
                        max_length=10,
                        verbose_name="step",
                    ),
                ),
                ("step_no", models.PositiveIntegerField(default=0, verbose_name="number of steps")),
                ("step_at", models.DateTimeField(verbose_name="since")),
                (
                    "step_due_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="next step due"),
                ),
                (
                    "person",
                    models.BigIntegerField(blank=True, null=True, verbose_name="worked on by"),
                ),
            ],
            options={
                "verbose_name": "content task",
                "verbose_name_plural": "content tasks",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ContentVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("no", models.PositiveIntegerField(verbose_name="version")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                (
                    "width",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="width in pixels"
                    ),
                ),
                (
                    "height",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="height in pixels"
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("added_by", models.BigIntegerField(verbose_name="added by")),
                ("added_at", models.DateTimeField(verbose_name="added at")),
            ],
            options={
                "verbose_name": "version of a content task",
                "verbose_name_plural": "versions of content tasks",
                "ordering": ("task", "-no"),
            },
        ),
        migrations.AddField(
            model_name="promotion",
            name="held_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When it should have started and its material was not approved.",
                null=True,
                verbose_name="held since",
            ),
        ),
        migrations.AddField(
            model_name="promotion",
            name="materials",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="What publicity must be approved before it starts.",
                verbose_name="material",
            ),
        ),
        migrations.AddField(
            model_name="promotion",
            name="no_material",
            # Plans from before material was asked for say so.
            field=models.CharField(
                blank=True,
                default="planned before material was asked for",
                max_length=200,
                verbose_name="why no material",
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="promotion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("materials", []), _negated=True),
                    models.Q(("no_material", ""), _negated=True),
                    _connector="OR",
                ),
                name="promotion_says_its_material",
            ),
        ),
        migrations.AddConstraint(
            model_name="contentmove",
            constraint=models.UniqueConstraint(
                fields=("kind", "before", "after"), name="contentmove_once"
            ),
        ),
        migrations.AddField(
            model_name="contenttask",
            name="channel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.channel",
                verbose_name="channel",
            ),
        ),
        migrations.AddField(
            model_name="contenttask",
            name="listing",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.listing",
                verbose_name="listing",
            ),
        ),
        migrations.AddField(
            model_name="contenttask",
            name="module",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.pagemodule",
                verbose_name="page module type",
            ),
        ),
        migrations.AddField(
            model_name="contenttask",
            name="page",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.shoppage",
                verbose_name="shop page",
            ),
        ),
        migrations.AddField(
            model_name="contenttask",
            name="promotion",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="materials_made",
                to="catalog.promotion",
                verbose_name="promotion",
            ),
        ),
        migrations.AddField(
            model_name="contenttask",
            name="trade_step",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.tradestep",
                verbose_name="trade step",
            ),
        ),
        migrations.AddField(
            model_name="contentstep",
            name="task",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="catalog.contenttask",
                verbose_name="content task",
            ),
        ),
        migrations.AddField(
            model_name="contentversion",
            name="file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="files.attachment",
                verbose_name="file",
            ),
        ),
        migrations.AddField(
            model_name="contentversion",
            name="revision",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="revisions.revision",
                verbose_name="version of the content",
            ),
        ),
        migrations.AddField(
            model_name="contentversion",
            name="task",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="catalog.contenttask",
                verbose_name="content task",
            ),
        ),
        migrations.AddField(
            model_name="contentstep",
            name="version",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.contentversion",
                verbose_name="version",
            ),
        ),
        migrations.AddIndex(
            model_name="contenttask",
            index=models.Index(fields=["person", "step"], name="contenttask_of_person"),
        ),
        migrations.AddIndex(
            model_name="contenttask",
            index=models.Index(fields=["step", "id"], name="contenttask_at_work"),
        ),
        migrations.AddConstraint(
            model_name="contenttask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["copy", "design", "post"]),
                    ("material__in", ["", "page", "images", "copy", "posts"]),
                    (
                        "step__in",
                        [
                            "wanted",
                            "assigned",
                            "briefed",
                            "accepted",
                            "drafted",
                            "submitted",
                            "returned",
                            "approved",
                            "published",
                            "delivered",
                            "cancelled",
                        ],
                    ),
                    models.Q(("title", ""), _negated=True),
                ),
                name="contenttask_words_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="contenttask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("about", "listing"),
                        ("listing__isnull", False),
                        ("module__isnull", True),
                        ("page__isnull", True),
                        ("promotion__isnull", True),
                        ("trade_step__isnull", True),
                    ),
                    models.Q(
                        ("about", "page"),
                        ("listing__isnull", True),
                        ("module__isnull", True),
                        ("page__isnull", False),
                        ("promotion__isnull", True),
                        ("trade_step__isnull", True),
                    ),
                    models.Q(
                        ("about", "trade_step"),
                        ("listing__isnull", True),
                        ("module__isnull", True),
                        ("page__isnull", True),
                        ("promotion__isnull", True),
                        ("trade_step__isnull", False),
                    ),
                    models.Q(
                        ("about", "module"),
                        ("listing__isnull", True),
                        ("module__isnull", False),
                        ("page__isnull", True),
                        ("promotion__isnull", True),
                        ("trade_step__isnull", True),
                    ),
                    models.Q(
                        ("about", "promotion"),
                        ("listing__isnull", True),
                        ("module__isnull", True),
                        ("page__isnull", True),
                        ("promotion__isnull", False),
                        ("trade_step__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="contenttask_about_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="contenttask",
            constraint=models.CheckConstraint(
                condition=models.Q(("material", ""), ("about", "promotion"), _connector="OR"),
                name="contenttask_material_is_of_a_promotion",
            ),
        ),
        migrations.AddConstraint(
            model_name="contenttask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("step__in", ["wanted", "cancelled"]),
                    models.Q(
                        models.Q(("purpose", ""), _negated=True),
                        ("due_at__isnull", False),
                        models.Q(
                            models.Q(("kind", "design"), _negated=True),
                            models.Q(
                                ("height__gt", 0),
                                ("height__isnull", False),
                                ("width__gt", 0),
                                ("width__isnull", False),
                            ),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="contenttask_brief_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="contenttask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("step__in", ["wanted", "cancelled"]),
                    ("person__isnull", False),
                    _connector="OR",
                ),
                name="contenttask_has_its_worker",
            ),
        ),
        migrations.AddConstraint(
            model_name="contentversion",
            constraint=models.UniqueConstraint(fields=("task", "no"), name="contentversion_once"),
        ),
        migrations.AddConstraint(
            model_name="contentversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("text", ""), _negated=True),
                    ("file__isnull", False),
                    ("revision__isnull", False),
                    _connector="OR",
                ),
                name="contentversion_holds_something",
            ),
        ),
        migrations.AddIndex(
            model_name="contentstep",
            index=models.Index(fields=["step", "at"], name="contentstep_by_time"),
        ),
        migrations.AddConstraint(
            model_name="contentstep",
            constraint=models.UniqueConstraint(fields=("task", "no"), name="contentstep_once"),
        ),
        migrations.AddConstraint(
            model_name="contentstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("step__in", ["returned", "cancelled"]), _negated=True),
                    models.Q(("note", ""), _negated=True),
                    _connector="OR",
                ),
                name="contentstep_return_says_why",
            ),
        ),
    ]
