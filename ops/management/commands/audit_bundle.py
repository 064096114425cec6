"""`manage.py audit_bundle`: promised, not built yet."""

from ops.management.absent import AbsentCommand


class Command(AbsentCommand):
    """Answer that sealed audit bundles are not available."""

    help = "Not available in this version."
    part = "sealed audit bundles"
