"""`manage.py price_cases`: promised, not built yet."""

from ops.management.absent import AbsentCommand


class Command(AbsentCommand):
    """Answer that promotion pricing are not available."""

    help = "Not available in this version."
    part = "promotion pricing"
