"""The life of the embedded Valkey, the broker: started when it is not running, stopped."""

import contextlib
import subprocess
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ops.embedded.binaries import valkey_server
from ops.embedded.places import locked, private_folder, socket_folder, valkey_socket

START_SECONDS = 30


def _client(data_dir: Path) -> redis.Redis:
    # The client's default retries cost about four seconds for each call to a dead server.
    return redis.Redis(
        unix_socket_path=str(valkey_socket(data_dir)),
        retry=Retry(NoBackoff(), 0),
        socket_timeout=30,
    )


def _answers(data_dir: Path) -> bool:
    try:
        return bool(_client(data_dir).ping())
    except redis.RedisError:  # also while it reads its log
        return False


def broker_url(data_dir: Path, number: int = 0) -> str:
    """Return Celery's URL of the embedded broker."""
    return f"redis+socket://{valkey_socket(data_dir)}?virtual_host={number}"


def ensure_valkey(data_dir: Path) -> Path:
    """Start Valkey when it does not answer, and return its socket. Idempotent, safe to race."""
    base = data_dir.resolve()
    with locked(base, ".valkey.lock"):
        private_folder(socket_folder(base))
        socket, folder = valkey_socket(base), private_folder(base / "valkey")
        if _answers(base):
            return socket
        with (folder / "log").open("ab") as log:
            server = subprocess.Popen(
                [
                    valkey_server(), "--port", "0", "--unixsocket", str(socket),
                    "--unixsocketperm", "700", "--dir", str(folder), "--appendonly", "yes",
                    "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction",
                    "--pidfile", str(folder / "pid"),
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not _answers(base):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((folder / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.01)
    return socket


def valkey_pid(data_dir: Path) -> int | None:
    """Return the running server's process id, or None when it does not answer."""
    try:
        return int(_client(data_dir).info("server")["process_id"])
    except redis.RedisError:
        return None


def stop_valkey(data_dir: Path) -> None:
    """Stop the server after it has written its log."""
    with contextlib.suppress(redis.RedisError):
        _client(data_dir).shutdown()
