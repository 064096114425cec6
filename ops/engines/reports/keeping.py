"""Kept figures, opened only while they are what was sealed."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from ops.engines.reports import content, disk
from ops.engines.reports.declarations import Report
from ops.engines.reports.errors import FileDamaged, FileLost
from ops.engines.reports.models import ReportEdition


def figures_of(edition: ReportEdition, report: Report) -> Iterator[content.Part]:
    """Return the tables of a version after its content was compared with its digest.

    Raises FileLost, FileDamaged.
    """
    path = disk.path_of(edition.stored_name)
    if not path.is_file():
        raise FileLost("reports.figures_lost", _("The stored figures cannot be found."))
    if content.digest_of(path) != edition.digest:
        raise FileDamaged(
            "reports.figures_damaged", _("The stored figures no longer match their digest.")
        )
    return content.read(path, report)
