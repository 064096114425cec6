"""Listings: shelf, delistings, pictures, proofs, tasks; what they are judged by."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0005_signed_decisions"),
        ("catalog", "0062_pages_kinds"),
        ("files", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="ForbiddenGoods",
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
                            ("term", "word"),
                            ("category", "category"),
                            ("brand", "brand"),
                            ("picture", "picture"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("value", models.CharField(max_length=80, verbose_name="compared with")),
                ("note", models.CharField(blank=True, max_length=120, verbose_name="what it is")),
                ("is_hard", models.BooleanField(verbose_name="refuses at once")),
                ("since", models.DateField(verbose_name="since")),
                ("until", models.DateField(blank=True, null=True, verbose_name="until")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("added_by", models.BigIntegerField(null=True, verbose_name="added by")),
                ("added_at", models.DateTimeField(verbose_name="added at")),
            ],
            options={
                "verbose_name": "forbidden goods",
                "verbose_name_plural": "forbidden goods",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("kind", "value"),
                        name="forbiddengoods_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["term", "category", "brand", "picture"])),
                        name="forbiddengoods_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("value", ""), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                        ),
                        name="forbiddengoods_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "picture"), _negated=True),
                            models.Q(
                                ("value__regex", "^[0-9a-f]{16}$"),
                                models.Q(("note", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="forbiddengoods_picture_is_a_hash",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True),
                            ("until__gte", models.F("since")),
                            _connector="OR",
                        ),
                        name="forbiddengoods_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ListedWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=60, verbose_name="word")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("banned", "banned"),
                            ("superlative", "superlative: needs evidence"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("since", models.DateField(verbose_name="since")),
                ("until", models.DateField(blank=True, null=True, verbose_name="until")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("added_by", models.BigIntegerField(null=True, verbose_name="added by")),
                ("added_at", models.DateTimeField(verbose_name="added at")),
            ],
            options={
                "verbose_name": "listed word",
                "verbose_name_plural": "listed words",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("text",),
                        name="listedword_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["banned", "superlative"])),
                        name="listedword_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("text", ""), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                        ),
                        name="listedword_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True),
                            ("until__gte", models.F("since")),
                            _connector="OR",
                        ),
                        name="listedword_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Listing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=32, unique=True, verbose_name="number")),
                ("opened_by", models.BigIntegerField(null=True, verbose_name="opened by")),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                (
                    "percent",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="complete"
                    ),
                ),
                (
                    "missing",
                    models.JSONField(
                        blank=True, db_default=[], default=list, verbose_name="what is missing"
                    ),
                ),
                (
                    "checked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="checked at"),
                ),
                (
                    "verified_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="verified at"),
                ),
                (
                    "verified_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="verified by"),
                ),
                (
                    "retired_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="retired at"),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="listings",
                        to="catalog.channel",
                        verbose_name="channel",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="listings",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "listing",
                "verbose_name_plural": "listings",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Delisting",
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
                        choices=[("off", "take off the shelf"), ("retire", "retire for good")],
                        default="off",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("sold_out", "sold out for good"),
                            ("season", "season is over"),
                            ("slow", "does not sell"),
                            ("quality", "quality problem"),
                            ("forbidden", "forbidden or infringing"),
                            ("credential", "paper expired"),
                            ("information", "wrong information"),
                            ("replaced", "replaced by other goods"),
                            ("unstated", "to be stated within a day"),
                        ],
                        max_length=12,
                        verbose_name="reason",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                ("effective_at", models.DateTimeField(verbose_name="takes effect at")),
                ("open_pieces", models.PositiveIntegerField(verbose_name="pieces in open orders")),
                ("stock_pieces", models.PositiveIntegerField(verbose_name="sellable pieces")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("submitted", "submitted"),
                            ("returned", "returned"),
                            ("withdrawn", "withdrawn"),
                            ("approved", "approved"),
                            ("at_once", "at once, by compliance"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("asked_by", models.BigIntegerField(verbose_name="asked by")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                (
                    "stated_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="reason stated at"),
                ),
                (
                    "approval",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.request",
                        verbose_name="approval",
                    ),
                ),
                (
                    "listing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delistings",
                        to="catalog.listing",
                        verbose_name="listing",
                    ),
                ),
            ],
            options={
                "verbose_name": "delisting",
                "verbose_name_plural": "delistings",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ListingPicture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "edit_note",
                    models.CharField(blank=True, max_length=200, verbose_name="what was edited"),
                ),
                (
                    "angle",
                    models.CharField(
                        choices=[
                            ("front", "front"),
                            ("back", "back"),
                            ("side", "side"),
                            ("top", "top"),
                            ("detail", "detail"),
                            ("in_use", "in use"),
                            ("size", "size beside something known"),
                            ("label", "label or certificate"),
                            ("package", "packaging"),
                        ],
                        max_length=8,
                        verbose_name="angle",
                    ),
                ),
                ("width", models.PositiveIntegerField(verbose_name="width")),
                ("height", models.PositiveIntegerField(verbose_name="height")),
                ("dhash", models.CharField(max_length=16, verbose_name="difference hash")),
                ("added_by", models.BigIntegerField(null=True, verbose_name="added by")),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.attachment",
                        verbose_name="file",
                    ),
                ),
                (
                    "listing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pictures",
                        to="catalog.listing",
                        verbose_name="listing",
                    ),
                ),
                (
                    "original",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.attachment",
                        verbose_name="original",
                    ),
                ),
            ],
            options={
                "verbose_name": "picture of a listing",
                "verbose_name_plural": "pictures of listings",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="ListingProof",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=60, verbose_name="word")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("added_by", models.BigIntegerField(verbose_name="added by")),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                (
                    "file",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.attachment",
                        verbose_name="evidence file",
                    ),
                ),
                (
                    "listing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proofs",
                        to="catalog.listing",
                        verbose_name="listing",
                    ),
                ),
            ],
            options={
                "verbose_name": "evidence of a word",
                "verbose_name_plural": "evidence of words",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ListingRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("content", models.JSONField(verbose_name="content")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("decided_by", models.BigIntegerField(null=True, verbose_name="decided by")),
                ("decided_at", models.DateTimeField(verbose_name="decided at")),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.category",
                        verbose_name="category",
                    ),
                ),
            ],
            options={
                "verbose_name": "listing rule",
                "verbose_name_plural": "listing rules",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ListingShelf",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("listed", "listed by approval"),
                            ("opening", "taken over at go-live"),
                        ],
                        max_length=8,
                        verbose_name="how",
                    ),
                ),
                (
                    "during",
                    django.contrib.postgres.fields.ranges.DateTimeRangeField(
                        verbose_name="on the shelf"
                    ),
                ),
                (
                    "approval",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.request",
                        verbose_name="approval",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.channel",
                        verbose_name="channel",
                    ),
                ),
                (
                    "delisting",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.delisting",
                        verbose_name="delisting",
                    ),
                ),
                (
                    "listing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shelf",
                        to="catalog.listing",
                        verbose_name="listing",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "time on the shelf",
                "verbose_name_plural": "times on the shelf",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="ListingTask",
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
                            ("incomplete", "fell below complete"),
                            ("stale", "not verified for long"),
                            ("contradicts", "contradicts stock, price or facts"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("details", models.JSONField(default=list, verbose_name="details")),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("verified", "verified, nothing to change"),
                            ("changed", "changed"),
                        ],
                        max_length=8,
                        verbose_name="outcome",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("done_by", models.BigIntegerField(blank=True, null=True, verbose_name="done by")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done at")),
                (
                    "listing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="catalog.listing",
                        verbose_name="listing",
                    ),
                ),
            ],
            options={
                "verbose_name": "upkeep task",
                "verbose_name_plural": "upkeep tasks",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ListingText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("section", models.CharField(max_length=16, verbose_name="section")),
                ("fingerprint", models.CharField(max_length=64, verbose_name="fingerprint")),
                (
                    "listing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="catalog.listing",
                        verbose_name="listing",
                    ),
                ),
            ],
            options={
                "verbose_name": "text of a listing",
                "verbose_name_plural": "texts of listings",
            },
        ),
        migrations.CreateModel(
            name="QualityReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("standard", models.CharField(max_length=120, verbose_name="standard")),
                ("report_no", models.CharField(max_length=80, verbose_name="number of the report")),
                ("issued_on", models.DateField(verbose_name="issued on")),
                ("expires_on", models.DateField(verbose_name="expires on")),
                (
                    "result",
                    models.CharField(
                        choices=[("passed", "passed"), ("failed", "failed")],
                        max_length=8,
                        verbose_name="result",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("reviewed_by", models.BigIntegerField(verbose_name="reviewed by")),
                ("reviewed_at", models.DateTimeField(verbose_name="reviewed at")),
                (
                    "paper",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.attachment",
                        verbose_name="report",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quality_reviews",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "quality review",
                "verbose_name_plural": "quality reviews",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="TruthCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("pictures", models.JSONField(verbose_name="pictures")),
                ("ticks", models.JSONField(verbose_name="attested")),
                ("checked_by", models.BigIntegerField(verbose_name="checked by")),
                ("checked_at", models.DateTimeField(verbose_name="checked at")),
                (
                    "listing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="truth_checks",
                        to="catalog.listing",
                        verbose_name="listing",
                    ),
                ),
            ],
            options={
                "verbose_name": "truthfulness list",
                "verbose_name_plural": "truthfulness lists",
                "ordering": ("-id",),
            },
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["channel", "-id"], name="listing_of_channel"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["verified_at"], name="listing_verified"),
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.UniqueConstraint(fields=("product", "channel"), name="listing_once"),
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.UniqueConstraint(
                fields=("id", "product", "channel"), name="listing_of_goods"
            ),
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("percent__isnull", True), ("percent__lte", 100), _connector="OR"
                ),
                name="listing_percent_sane",
            ),
        ),
        migrations.AddIndex(
            model_name="delisting",
            index=models.Index(
                condition=models.Q(("state", "at_once"), ("stated_at__isnull", True)),
                fields=["asked_at"],
                name="delisting_unstated",
            ),
        ),
        migrations.AddConstraint(
            model_name="delisting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "submitted")),
                fields=("listing",),
                name="delisting_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="delisting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["off", "retire"]),
                    (
                        "reason__in",
                        [
                            "sold_out",
                            "season",
                            "slow",
                            "quality",
                            "forbidden",
                            "credential",
                            "information",
                            "replaced",
                            "unstated",
                        ],
                    ),
                    ("state__in", ["submitted", "returned", "withdrawn", "approved", "at_once"]),
                ),
                name="delisting_words_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="delisting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "at_once"), ("stated_at__isnull", True)),
                    models.Q(
                        models.Q(("reason", "unstated"), _negated=True),
                        models.Q(("note", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="delisting_states_its_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="listingpicture",
            constraint=models.UniqueConstraint(
                fields=("listing", "file"), name="listingpicture_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="listingpicture",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "angle__in",
                        [
                            "front",
                            "back",
                            "side",
                            "top",
                            "detail",
                            "in_use",
                            "size",
                            "label",
                            "package",
                        ],
                    )
                ),
                name="listingpicture_angle_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="listingpicture",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("edit_note", ""), ("original__isnull", True)),
                    models.Q(
                        ("original__isnull", False), models.Q(("edit_note", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="listingpicture_edited_keeps_original",
            ),
        ),
        migrations.AddConstraint(
            model_name="listingpicture",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dhash__regex", "^[0-9a-f]{16}$"), ("height__gt", 0), ("width__gt", 0)
                ),
                name="listingpicture_measured",
            ),
        ),
        migrations.AddConstraint(
            model_name="listingproof",
            constraint=models.CheckConstraint(
                condition=models.Q(("word", ""), _negated=True), name="listingproof_word"
            ),
        ),
        migrations.AddConstraint(
            model_name="listingrule",
            constraint=models.UniqueConstraint(
                fields=("category", "version"), name="listingrule_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="listingrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="listingrule_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="listingshelf",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("product", "="), ("channel", "="), ("during", "&&")],
                name="listingshelf_never_twice_at_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="listingshelf",
            constraint=models.CheckConstraint(
                condition=models.Q(("how__in", ["listed", "opening"])),
                name="listingshelf_how_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="listingshelf",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("how", "opening"),
                    ("during__isempty", True),
                    ("during__lower_inf", False),
                    _connector="OR",
                ),
                name="listingshelf_starts_unless_taken_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="listingshelf",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("delisting__isnull", False),
                    models.Q(("during__isempty", False), ("during__upper_inf", True)),
                    _connector="OR",
                ),
                name="listingshelf_ends_by_delisting",
            ),
        ),
        migrations.AddConstraint(
            model_name="listingtask",
            constraint=models.UniqueConstraint(
                condition=models.Q(("done_at__isnull", True)),
                fields=("listing",),
                name="listingtask_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="listingtask",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["incomplete", "stale", "contradicts"])),
                name="listingtask_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="listingtask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", True), ("outcome", "")),
                    models.Q(("done_at__isnull", False), ("outcome__in", ["verified", "changed"])),
                    _connector="OR",
                ),
                name="listingtask_done_says_what",
            ),
        ),
        migrations.AddIndex(
            model_name="listingtext",
            index=models.Index(fields=["fingerprint"], name="listingtext_same"),
        ),
        migrations.AddConstraint(
            model_name="listingtext",
            constraint=models.UniqueConstraint(
                fields=("listing", "section"), name="listingtext_once"
            ),
        ),
        migrations.AddIndex(
            model_name="qualityreview",
            index=models.Index(fields=["expires_on"], name="qualityreview_expiring"),
        ),
        migrations.AddConstraint(
            model_name="qualityreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("result__in", ["passed", "failed"])),
                name="qualityreview_result_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="qualityreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_on__gt", models.F("issued_on"))),
                name="qualityreview_expires_later",
            ),
        ),
        migrations.AddConstraint(
            model_name="qualityreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("standard", ""), _negated=True),
                    models.Q(("report_no", ""), _negated=True),
                ),
                name="qualityreview_names_standard",
            ),
        ),
    ]
