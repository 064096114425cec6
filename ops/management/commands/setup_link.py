"""Print the one-time link that sets up an empty company."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ops.launcher.first_company import setup_address


class Command(BaseCommand):
    """Make a link that is good for a day and for one use."""

    help = "Print the one-time link that makes the company and its first accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the address; refuse when somebody has an account already."""
        address = setup_address()
        if address is None:
            raise CommandError("The company is set up already.")
        print(address)
