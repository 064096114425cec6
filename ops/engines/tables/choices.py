"""States of an import."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class BatchState(models.TextChoices):
    """From the first look to the end; `running` is seen only inside the loading transaction."""

    PREVIEWED = "previewed", _("Previewed")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    DONE_WITH_REJECTS = "done_with_rejects", _("Done with rejects")
    REFUSED = "refused", _("File refused")


LOADED = (BatchState.RUNNING, BatchState.DONE, BatchState.DONE_WITH_REJECTS)
FINAL = (BatchState.DONE, BatchState.DONE_WITH_REJECTS, BatchState.REFUSED)
