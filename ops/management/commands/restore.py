"""`manage.py restore`: promised, not built yet."""

from ops.management.absent import AbsentCommand


class Command(AbsentCommand):
    """Answer that point-in-time restore are not available."""

    help = "Not available in this version."
    part = "point-in-time restore"
