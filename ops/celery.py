"""The Celery app; one beat entry ticks, everything else is declared in the apps' jobs."""

import os

from celery import Celery

from ops.engines.jobs.ticking import OwnTick

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ops.settings")

app = Celery("guifan")
app.set_default()  # every thread of a web process sends to this app, not only the first
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(OwnTick)
