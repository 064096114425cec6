"""Run one process of the product in the foreground: what a container starts."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from ops import safety, web_server
from ops.launcher import preparation, services


class Command(BaseCommand):
    """Wait for the servers, refuse an unsafe database in production, then serve."""

    help = "Run web, worker or beat in the foreground."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of the process."""
        parser.add_argument("process", choices=("web", "worker", "beat"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until told to stop."""
        preparation.compile_words()
        preparation.wait_for_servers("default")
        if settings.PRODUCTION:
            safety.refuse_unsafe_settings()
            safety.refuse_unsafe_database()
        preparation.close_connections()
        sys.argv = sys.argv[:1]  # gunicorn and Celery must not read our arguments
        if options["process"] == "web":
            services.web(web_server.bind)
        elif options["process"] == "worker":
            services.worker()
        else:
            services.beat()
