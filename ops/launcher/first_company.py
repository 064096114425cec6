"""The company of a first start: the demo's, or an empty one with a one-time set-up link."""

from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.urls import reverse
from django.utils import timezone

from ops.engines.identity import services as identity
from ops.engines.kernel.errors import Conflict
from ops.launcher import runfile
from ops.launcher.preparation import aside, succeeded
from ops.launcher.progress import step


def setup_address() -> str | None:
    """Return the address that sets the company up once; None when somebody has an account."""
    try:
        token = identity.make_setup_link(at=timezone.now())
    except Conflict:
        return None
    return settings.SITE_URL.rstrip("/") + reverse("accounts:setup", args=[token])


def found_company() -> str | None:
    """Make the demo company on its first start, or return the set-up address of an empty one."""
    if not settings.DEMO:
        return setup_address()
    if "demo" in get_commands() and not runfile.accounts_file().exists():
        with step(f"founding the demo company with {settings.DEMO_ORDERS:,} orders"):
            pid = aside(lambda: call_command("demo", orders=settings.DEMO_ORDERS))
            if not succeeded(pid):
                raise CommandError("The demo company could not be founded.")
    return None
