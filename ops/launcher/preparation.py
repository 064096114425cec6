"""What must be true before the product may serve: servers, tables, words, files, company."""

import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connections
from django.utils.translation.reloader import translation_file_changed

from ops.database import recorded_fingerprint
from ops.embedded.places import private_folder
from ops.embedded.postgres import ensure_postgres
from ops.embedded.valkey import ensure_valkey
from ops.fingerprint import digest, migration_fingerprint
from ops.health import broker_answers
from ops.launcher.progress import say, step
from ops.translations import compile_catalogues

EXTERNAL_WAIT_SECONDS = 60


def start_servers() -> None:
    """Start the embedded servers, or wait for the given ones."""
    if settings.EMBEDDED_BROKER:
        say("starting Valkey")
        ensure_valkey(settings.DATA_DIR)
    if settings.EMBEDDED_DATABASE:
        with step("starting PostgreSQL"):
            ensure_postgres(settings.DATA_DIR)
    wait_for_servers("owner")


def wait_for_servers(alias: str) -> None:
    """Wait until database and broker answer. Raises CommandError when they do not."""
    deadline = time.monotonic() + EXTERNAL_WAIT_SECONDS
    while True:
        try:
            connections[alias].ensure_connection()
            if broker_answers():
                return
            missing = "the broker does not answer"
        except OperationalError as error:
            missing = str(error).strip()
        if time.monotonic() > deadline:
            raise CommandError(f"Not reachable after {EXTERNAL_WAIT_SECONDS} s: {missing}")
        time.sleep(0.5)


def migrate_when_needed() -> bool:
    """Migrate unless the database says it is at this code's migrations; tell what was done."""
    if recorded_fingerprint(connections["owner"]) == migration_fingerprint():
        return False
    with step("migrating the database"):
        call_command("migrate", verbosity=0, interactive=False)
    return True


def compile_words() -> None:
    """Compile changed catalogues and let this process read them."""
    for catalogue in compile_catalogues(settings.BASE_DIR / "locale"):
        say("compiling the translations")
        translation_file_changed(sender=None, file_path=catalogue)


def _static_fingerprint() -> str:
    base: Path = settings.BASE_DIR
    folders = [base / "static", *(path.parent / "static" for path in base.glob("*/apps.py"))]
    folders += [path.parent / "static" for path in base.glob("ops/engines/*/apps.py")]
    files = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    storage = settings.STORAGES["staticfiles"]["BACKEND"]
    return digest({*files, base / "requirements.lock"}, storage)


def collect_static_aside() -> int | None:
    """Collect the static files in a process beside this one; None when nothing has changed."""
    mark, wanted = settings.STATIC_ROOT / ".fingerprint", _static_fingerprint()
    if mark.exists() and mark.read_text() == wanted:
        return None
    say("collecting the static files")
    private_folder(settings.STATIC_ROOT)
    get_finders()

    def collect() -> None:
        call_command("collectstatic", verbosity=0, interactive=False)
        mark.write_text(wanted)

    return aside(collect)


def wait_for_static(pid: int | None) -> None:
    """Wait for the static files. Raises CommandError when they could not be collected."""
    if pid is not None and not succeeded(pid):
        raise CommandError("The static files could not be collected.")


def aside(work: Callable[[], object]) -> int:
    """Do a piece of work in a process of its own and return its pid at once.

    The supervisor forks for ever after: what work leaves behind (memory, descriptors that close
    themselves late) must not be inherited by the children it starts.
    """
    close_connections()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    except BaseException:  # noqa: BLE001  the last frame of a process: report and leave
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def succeeded(pid: int) -> bool:
    """Wait for a process that works aside and say whether it succeeded."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def close_connections() -> None:
    """Close this process's connections, so that no child inherits one."""
    connections.close_all()
