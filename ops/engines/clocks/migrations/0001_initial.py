"""Clocks, their events, and the days of the calendar."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The three tables."""

    initial = True

    dependencies = [
        ("identity", "0004_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("is_working", models.BooleanField(verbose_name="worked")),
                ("name_zh", models.TextField(blank=True, verbose_name="name in Chinese")),
                ("name_en", models.TextField(blank=True, verbose_name="name in English")),
                (
                    "source",
                    models.TextField(
                        choices=[("hand", "set by hand"), ("file", "imported")],
                        verbose_name="source",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="set at")),
                ("by_name", models.TextField(verbose_name="by")),
            ],
            options={
                "verbose_name": "calendar day",
                "verbose_name_plural": "calendar days",
                "db_table": "clocks_day",
                "indexes": [models.Index(fields=["day", "-id"], name="calendarday_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["hand", "file"])),
                        name="calendarday_source_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="calendarday_reason_given",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Clock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.TextField(verbose_name="kind")),
                ("subject_type", models.TextField(verbose_name="subject type")),
                ("subject_id", models.BigIntegerField(verbose_name="subject")),
                ("label", models.TextField(verbose_name="number")),
                ("link", models.TextField(blank=True, verbose_name="address")),
                ("area", models.TextField(verbose_name="area")),
                ("scope_kind", models.TextField(blank=True, verbose_name="scope kind")),
                ("scope_id", models.BigIntegerField(null=True, verbose_name="scope")),
                ("role", models.TextField(verbose_name="position")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("seq", models.IntegerField(verbose_name="events so far")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("running", "running"),
                            ("paused", "stopped for now"),
                            ("breached", "time limit passed"),
                            ("met", "done in time"),
                            ("cancelled", "no longer needed"),
                        ],
                        verbose_name="state",
                    ),
                ),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                ("round_at", models.DateTimeField(verbose_name="counted from")),
                ("term", models.TextField(blank=True, verbose_name="time limit")),
                ("reminded", models.SmallIntegerField(default=0, verbose_name="reminders")),
                ("level", models.SmallIntegerField(default=0, verbose_name="level")),
                ("changed_at", models.DateTimeField(verbose_name="changed at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("next_at", models.DateTimeField(null=True, verbose_name="next looked at")),
                (
                    "department",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "time limit",
                "verbose_name_plural": "time limits",
            },
        ),
        migrations.CreateModel(
            name="ClockEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.IntegerField(verbose_name="place")),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("started", "started"),
                            ("paused", "stopped for now"),
                            ("resumed", "going on"),
                            ("extended", "extended"),
                            ("moved", "moved by a change of the calendar"),
                            ("reminded", "reminded"),
                            ("breached", "time limit passed"),
                            ("escalated", "named one level up"),
                            ("met", "done"),
                            ("cancelled", "no longer needed"),
                        ],
                        verbose_name="what happened",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("running", "running"),
                            ("paused", "stopped for now"),
                            ("breached", "time limit passed"),
                            ("met", "done in time"),
                            ("cancelled", "no longer needed"),
                        ],
                        verbose_name="state",
                    ),
                ),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                ("term", models.TextField(blank=True, verbose_name="time limit")),
                ("step", models.SmallIntegerField(default=0, verbose_name="step")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("by_name", models.TextField(verbose_name="by")),
                ("by_person_id", models.BigIntegerField(null=True, verbose_name="by person")),
                (
                    "clock",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="clocks.clock",
                        verbose_name="time limit",
                    ),
                ),
            ],
            options={
                "verbose_name": "event of a time limit",
                "verbose_name_plural": "events of time limits",
                "db_table": "clocks_event",
            },
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)),
                fields=["next_at"],
                name="clock_to_look_at",
            ),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(fields=["subject_type", "subject_id"], name="clock_of_subject"),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(fields=["due_at", "id"], name="clock_newest"),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["due_at", "id"],
                name="clock_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("kind", "subject_type", "subject_id"),
                name="clock_one_open_per_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["running", "paused", "breached", "met", "cancelled"])
                ),
                name="clock_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("state__in", ["met", "cancelled"])),
                    models.Q(("ended_at__isnull", True), ("state__in", ["running", "paused"])),
                    ("state", "breached"),
                    _connector="OR",
                ),
                name="clock_ends_when_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("next_at__isnull", True),
                    models.Q(("ended_at__isnull", True), ("state__in", ["running", "breached"])),
                    _connector="OR",
                ),
                name="clock_looked_at_while_it_runs",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("scope_id__isnull", True), ("scope_kind", "")),
                    models.Q(
                        models.Q(("scope_kind", ""), _negated=True), ("scope_id__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="clock_scope_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("role", ""), _negated=True),
                    ("person__isnull", False),
                    _connector="OR",
                ),
                name="clock_owned",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(("link", ""), ("link__regex", "^/[^/]"), _connector="OR"),
                name="clock_link_stays_here",
            ),
        ),
        migrations.AddConstraint(
            model_name="clockevent",
            constraint=models.UniqueConstraint(fields=("clock", "seq"), name="clockevent_in_order"),
        ),
        migrations.AddConstraint(
            model_name="clockevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "breached")),
                fields=("clock",),
                name="clockevent_breached_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="clockevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "escalated")),
                fields=("clock", "step"),
                name="clockevent_each_level_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="clockevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "started",
                            "paused",
                            "resumed",
                            "extended",
                            "moved",
                            "reminded",
                            "breached",
                            "escalated",
                            "met",
                            "cancelled",
                        ],
                    )
                ),
                name="clockevent_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="clockevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("seq__gte", 1)), name="clockevent_counted"
            ),
        ),
        migrations.AddConstraint(
            model_name="clockevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "started"), ("seq", 1)),
                    models.Q(models.Q(("kind", "started"), _negated=True), ("seq__gt", 1)),
                    _connector="OR",
                ),
                name="clockevent_starts_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="clockevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["extended", "paused", "cancelled"]), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="clockevent_reason_given",
            ),
        ),
    ]
