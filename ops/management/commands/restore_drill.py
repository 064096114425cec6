"""`manage.py restore_drill`: promised, not built yet."""

from ops.management.absent import AbsentCommand


class Command(AbsentCommand):
    """Answer that restore drills are not available."""

    help = "Not available in this version."
    part = "restore drills"
