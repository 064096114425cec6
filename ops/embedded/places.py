"""The data directory: what lies where, and the lock that keeps two starters apart."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOCKET_PATH_ROOM = 80  # a socket's path holds 107 bytes, its file name included


def private_folder(path: Path) -> Path:
    """Make the folder for this user alone; refuse one that belongs to somebody else."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_uid != os.geteuid():
        raise RuntimeError(f"{path} belongs to another user.")
    return path


def socket_folder(data_dir: Path) -> Path:
    """Return the folder of the sockets, outside the data directory when its path is too long."""
    folder = data_dir.resolve() / "run"
    if len(str(folder)) <= SOCKET_PATH_ROOM:
        return folder
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"guifan-{os.geteuid()}-{digest}"


def valkey_socket(data_dir: Path) -> Path:
    """Return the path of Valkey's socket."""
    return socket_folder(data_dir) / "valkey.sock"


@contextmanager
def locked(data_dir: Path, name: str = ".lock") -> Iterator[None]:
    """Hold the data directory's lock: racing starters go one after the other."""
    private_folder(data_dir)
    with (data_dir / name).open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
