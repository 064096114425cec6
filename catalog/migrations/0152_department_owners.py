"""Which department owns a product, a category, or what nobody else owns."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables."""

    dependencies = [
        ("catalog", "0151_feedback_promises"),
        ("identity", "0109_passkey_facts"),
    ]

    operations = [
        migrations.CreateModel(
            name="DepartmentOwner",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "during",
                    django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="during"),
                ),
                ("why", models.CharField(max_length=200, verbose_name="reason")),
                ("set_by", models.BigIntegerField(null=True, verbose_name="set by")),
                ("set_at", models.DateTimeField(verbose_name="set at")),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        help_text="Neither product nor category: the house.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.category",
                        verbose_name="category",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "owner of products",
                "verbose_name_plural": "owners of products",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("product__isnull", True)),
                        fields=["category"],
                        name="departmentowner_usual",
                    ),
                    models.Index(fields=["product"], name="departmentowner_of_product"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("product__isnull", True), ("category__isnull", True), _connector="OR"
                        ),
                        name="departmentowner_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("during__isempty", False), ("during__startswith__isnull", False)
                        ),
                        name="departmentowner_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("why", ""), _negated=True),
                        name="departmentowner_says_why",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                django.db.models.functions.comparison.Coalesce(
                                    "product", models.Value(0)
                                ),
                                "=",
                            ),
                            (
                                django.db.models.functions.comparison.Coalesce(
                                    "category", models.Value(0)
                                ),
                                "=",
                            ),
                            ("during", "&&"),
                        ],
                        name="departmentowner_one_at_a_time",
                    ),
                ],
            },
        ),
    ]
