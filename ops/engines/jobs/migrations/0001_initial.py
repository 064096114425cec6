"""Timetables and runs; a period that is done stays done."""

from django.db import migrations, models

from ops.engines.kernel.ddl import revoke, revoke_columns

FINAL = """
CREATE FUNCTION jobs_done_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a run that is done stays done'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'run_done_is_final';
END $$;
CREATE TRIGGER run_done_is_final BEFORE UPDATE ON jobs_run
    FOR EACH ROW WHEN (OLD.state = 'done') EXECUTE FUNCTION jobs_done_is_final();
"""


class Migration(migrations.Migration):
    """Both tables and their guards."""

    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Watch",
            fields=[
                ("job", models.TextField(primary_key=True, serialize=False, verbose_name="job")),
                ("since", models.DateTimeField(verbose_name="known since")),
                ("reached_at", models.DateTimeField(verbose_name="periods proposed until")),
            ],
            options={
                "verbose_name": "job timetable",
                "verbose_name_plural": "job timetables",
            },
        ),
        migrations.CreateModel(
            name="JobRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("job", models.TextField(verbose_name="job")),
                ("period", models.TextField(verbose_name="period")),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                        ],
                        default="waiting",
                        verbose_name="state",
                    ),
                ),
                ("late", models.BooleanField(default=False, verbose_name="started late")),
                (
                    "skipped",
                    models.IntegerField(default=0, verbose_name="periods passed over before"),
                ),
                (
                    "requested_by",
                    models.TextField(blank=True, default="", verbose_name="started by hand by"),
                ),
                ("attempts", models.SmallIntegerField(default=0, verbose_name="attempts")),
                ("next_at", models.DateTimeField(verbose_name="next attempt at")),
                (
                    "dispatched_at",
                    models.DateTimeField(null=True, verbose_name="handed to a worker at"),
                ),
                ("lease", models.UUIDField(null=True, verbose_name="lease")),
                ("lease_until", models.DateTimeField(null=True, verbose_name="lease ends at")),
                ("started_at", models.DateTimeField(null=True, verbose_name="started at")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
                ("progress_done", models.BigIntegerField(default=0, verbose_name="steps done")),
                ("progress_total", models.BigIntegerField(null=True, verbose_name="steps in all")),
                ("stage", models.TextField(blank=True, default="", verbose_name="stage")),
                ("result", models.JSONField(null=True, verbose_name="result")),
                ("error", models.TextField(blank=True, default="", verbose_name="last error")),
            ],
            options={
                "verbose_name": "job run",
                "verbose_name_plural": "job runs",
                "db_table": "jobs_run",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=["job", "due_at"],
                        name="run_open",
                    ),
                    models.Index(fields=["job", "-due_at"], name="run_newest"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("job", "period"), name="run_once_per_period"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "running", "done", "failed"])),
                        name="run_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("attempts__gte", 0)), name="run_attempts_counted"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("lease__isnull", False),
                                ("lease_until__isnull", False),
                                ("state", "running"),
                            ),
                            models.Q(
                                models.Q(("state", "running"), _negated=True),
                                ("lease__isnull", True),
                                ("lease_until__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="run_running_holds_a_lease",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("finished_at__isnull", False), ("state__in", ["done", "failed"])
                            ),
                            models.Q(
                                models.Q(("state__in", ["done", "failed"]), _negated=True),
                                ("finished_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="run_finished_has_its_moment",
                    ),
                ],
            },
        ),
        revoke("jobs_run", "DELETE"),
        revoke_columns(
            "jobs_run",
            updatable=(
                "state",
                "requested_by",
                "attempts",
                "next_at",
                "dispatched_at",
                "lease",
                "lease_until",
                "started_at",
                "finished_at",
                "progress_done",
                "progress_total",
                "stage",
                "result",
                "error",
            ),
        ),
        migrations.RunSQL(
            FINAL, "DROP TRIGGER run_done_is_final ON jobs_run; DROP FUNCTION jobs_done_is_final();"
        ),
    ]
