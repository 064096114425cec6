"""Several positions and persons to a step, amounts that count together, proofs, a thread."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0002_promises"),
        ("identity", "0006_step_up_promises"),
    ]

    operations = [
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person_name", models.CharField(max_length=120, verbose_name="name")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("text", models.TextField(verbose_name="text")),
            ],
            options={
                "verbose_name": "comment",
                "verbose_name_plural": "comments",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="StepUpRule",
            fields=[
                (
                    "flow",
                    models.CharField(
                        max_length=64, primary_key=True, serialize=False, verbose_name="flow"
                    ),
                ),
                ("on_request", models.BooleanField(default=False, verbose_name="of the requester")),
                ("on_decision", models.BooleanField(default=True, verbose_name="of the decider")),
            ],
            options={
                "verbose_name": "step-up rule",
                "verbose_name_plural": "step-up rules",
            },
        ),
        migrations.RemoveConstraint(
            model_name="decision",
            name="decision_once_per_step",
        ),
        migrations.RemoveConstraint(
            model_name="request",
            name="request_state_known",
        ),
        migrations.AddField(
            model_name="decision",
            name="assertion",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.assertion",
                verbose_name="step-up assertion",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="deputy_for",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.person",
                verbose_name="in the place of",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="figures_now",
            field=models.JSONField(blank=True, null=True, verbose_name="figures at the decision"),
        ),
        migrations.AddField(
            model_name="request",
            name="assertion",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.assertion",
                verbose_name="step-up assertion",
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="barred_person_ids",
            field=models.JSONField(default=list, verbose_name="persons who may not decide"),
        ),
        migrations.AddField(
            model_name="request",
            name="counted_amount",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=20,
                null=True,
                verbose_name="amount counted",
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="counted_key",
            field=models.CharField(blank=True, max_length=200, verbose_name="counted together by"),
        ),
        migrations.AddField(
            model_name="request",
            name="paused_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="clock stopped at"),
        ),
        migrations.AddField(
            model_name="request",
            name="replaces",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaced_by",
                to="approvals.request",
                verbose_name="replaces",
            ),
        ),
        migrations.AlterField(
            model_name="request",
            name="state",
            field=models.CharField(
                choices=[
                    ("submitted", "submitted"),
                    ("approved", "approved"),
                    ("returned", "returned"),
                    ("withdrawn", "withdrawn"),
                    ("voided", "voided by a change"),
                ],
                default="submitted",
                max_length=9,
                verbose_name="state",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("counted_key", ""), _negated=True),
                fields=["flow", "counted_key", "submitted_at"],
                name="request_counted",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("deputy_for", models.F("requester_person")), _negated=True),
                    ("deputy_for__isnull", True),
                    _connector="OR",
                ),
                name="decision_not_for_requester",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["submitted", "approved", "returned", "withdrawn", "voided"])
                ),
                name="request_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("counted_amount__isnull", True), ("counted_key", "")),
                    models.Q(
                        ("counted_amount__isnull", False),
                        models.Q(("counted_key", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="request_counts_by_key",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.person",
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="comments",
                to="approvals.request",
                verbose_name="request",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="comment_says_something"
            ),
        ),
    ]
