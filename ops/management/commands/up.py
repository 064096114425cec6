"""Start the product: servers, tables, company, web, worker and beat."""

import socket
import time
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ops.embedded.places import private_folder
from ops.launcher import preparation, runfile, services
from ops.launcher.children import Child
from ops.launcher.first_company import found_company
from ops.launcher.progress import say
from ops.launcher.supervisor import Supervisor

READY_SECONDS = 60


class Command(BaseCommand):
    """Start everything in the foreground; Ctrl-C stops it and keeps the data."""

    help = "Start PostgreSQL, Valkey, web, worker and beat; stop them with Ctrl-C."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, start, report, and watch until told to stop."""
        private_folder(settings.DATA_DIR)
        place = runfile.take_place()
        if place is None:
            running = runfile.read() or {}
            raise CommandError(f"Already running: {running.get('url', settings.DATA_DIR)}")
        listener = reserve_port()
        static = preparation.collect_static_aside()
        preparation.compile_words()
        preparation.start_servers()
        preparation.migrate_when_needed()
        setup_address = found_company()
        preparation.wait_for_static(static)
        preparation.close_connections()

        supervisor = Supervisor(children(listener))
        supervisor.listen_to_signals()
        say("starting web, worker and beat")
        listener.listen(512)
        supervisor.start()
        if wait_until_ready(supervisor):
            report(setup_address)
        supervisor.run()
        place.close()


def reserve_port() -> socket.socket:
    """Bind the port now, so that a taken one is told at once. Raises CommandError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.BIND_HOST, settings.PORT))
    except OSError as error:
        raise CommandError(f"Port {settings.PORT} is taken; choose another PORT.") from error
    return listener


def children(listener: socket.socket) -> list[Child]:
    """Return the three processes of the product, not started yet."""
    logs, number = settings.DATA_DIR / "logs", listener.fileno()
    return [
        Child(
            name="web",
            run=lambda: services.web(f"fd://{number}"),
            log=logs / "web.log",
            keep_open=(number,),
        ),
        Child(name="worker", run=services.worker, log=logs / "worker.log"),
        Child(name="beat", run=services.beat, log=logs / "beat.log"),
    ]


def wait_until_ready(supervisor: Supervisor) -> bool:
    """Wait for the first healthy answer; False when it does not come or we are told to stop."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not supervisor.stopping:
        try:
            with urlopen(f"http://127.0.0.1:{settings.PORT}/health/", timeout=5):
                return True
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    if not supervisor.stopping:
        say("the web process does not answer; see " + str(settings.DATA_DIR / "logs" / "web.log"))
    return False


def report(setup_address: str | None) -> None:
    """Print the one address, the accounts file, and what runs."""
    accounts = runfile.accounts_file()
    running = (runfile.read() or {}).get("pids", {})
    say("ready")
    lines = [
        "",
        f"  Guifan        http://127.0.0.1:{settings.PORT}/",
        f"  Accounts      {accounts if accounts.exists() else 'none yet'}",
        "  Running       " + ", ".join(f"{name} {pid}" for name, pid in running.items() if pid),
        *([f"  Set up        {setup_address}  (once, within a day)"] if setup_address else []),
        f"  Data          {settings.DATA_DIR}",
        "  Stop          Ctrl-C, or make down",
        "",
    ]
    for line in lines:
        print(line, flush=True)
