"""A web server and a worker beside a running product, whose every wire goes through a proxy."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from ops.embedded.keys import database_urls, installation_keys
from ops.embedded.places import socket_folder, valkey_socket
from ops.embedded.roles import ROLES
from ops.launcher.supervisor import process_runs
from tests.support.product import ROOT, Product, free_port
from tests.support.proxy import Proxy

REQUEST_SECONDS = 12  # longer than the kernel takes to notice a silent server


@dataclass
class Behind:
    """The proxied processes and the proxies: to the web server, the database, the broker."""

    product: Product
    database: Proxy
    broker: Proxy
    web: Proxy
    port: int  # of the web server itself
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    log: Path = Path(os.devnull)

    def url(self, alias: str) -> str:
        """Return the URL of a database role through the proxy."""
        folder = self.product.data_dir
        parts = urlsplit(database_urls(folder, installation_keys(folder))[alias])
        user = parts.netloc.rpartition("@")[0]
        return f"postgresql://{user}@127.0.0.1:{self.database.port}{parts.path}?sslmode=disable"

    def kill_children(self, part: str) -> int:
        """Kill -9 every process under a part's head, which starts new ones; return how many."""
        head = self.processes[part].pid
        listed = Path(f"/proc/{head}/task/{head}/children").read_text().split()
        for pid in listed:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        return len(listed)

    def wait_until_it_answers(self, seconds: float = 60) -> None:
        """Wait until the web server says that it lives."""
        deadline = time.monotonic() + seconds
        while not self._lives():
            assert self.processes["web"].poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.2)

    def _lives(self) -> bool:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            link.request("GET", "/health/?live")
            return link.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()


@contextmanager
def behind_proxies(product: Product) -> Iterator[Behind]:
    """Run a web server and the only worker of a product behind proxies.

    The product's own worker and beat are stopped, and its supervisor stands still meanwhile.
    """
    folder = product.data_dir
    here = Behind(
        product=product,
        database=Proxy(socket_folder(folder) / ".s.PGSQL.5432").start(),
        broker=Proxy(valkey_socket(folder)).start(),
        web=Proxy(("127.0.0.1", port := free_port())).start(),
        port=port,
        log=folder.parent / "behind.log",
    )
    supervisor = int((folder / "up.pid").read_text())
    os.kill(supervisor, signal.SIGSTOP)
    try:
        for part in ("worker", "beat"):
            _kill(product.run_json()["pids"][part])
        with here.log.open("wb") as log:
            for part in ("web", "worker"):
                here.processes[part] = _started(here, part, log)
            here.wait_until_it_answers()
            yield here
    finally:
        for process in here.processes.values():
            process.terminate()
        for process in here.processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=15)
            process.kill()
        for proxy in (here.web, here.database, here.broker):
            proxy.stop()
        os.kill(supervisor, signal.SIGCONT)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while process_runs(pid) and time.monotonic() < deadline:
        time.sleep(0.05)


def _started(here: Behind, part: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "manage.py", "serve", part],
        cwd=ROOT, env=_environment(here), stdout=log, stderr=log,
    )  # fmt: skip


def _environment(here: Behind) -> dict[str, str]:
    told = here.product.environment | {
        "REQUEST_SECONDS": str(REQUEST_SECONDS),
        "BIND": f"127.0.0.1:{here.port}",
        "REDIS_URL": f"redis://127.0.0.1:{here.broker.port}/0",
    }
    return told | {role.url_variable: here.url(role.alias) for role in ROLES}
