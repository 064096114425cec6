"""`manage.py backup`: promised, not built yet."""

from ops.management.absent import AbsentCommand


class Command(AbsentCommand):
    """Answer that verified backups are not available."""

    help = "Not available in this version."
    part = "verified backups"
