"""From a bare checkout to a locked virtual environment, then run a command in it.

Only the standard library. Does nothing, and needs no network, when the environment already
matches the lock files.

    python3 scripts/bootstrap.py [--dev] manage.py up
    python3 scripts/bootstrap.py --dev -m pytest
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUN_LOCKS = ("requirements.lock",)
DEV_LOCKS = ("requirements.lock", "requirements-dev.lock")
STARTED = time.monotonic()


def say(text: str) -> None:
    """Print a progress line with the seconds since the start."""
    print(f"[{time.monotonic() - STARTED:5.1f} s] {text}", flush=True)


def stamp_of(locks: tuple[str, ...]) -> str:
    """Return the hash of the lock files and of the interpreter's version."""
    whole = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for name in locks:
        whole.update((ROOT / name).read_bytes())
    return whole.hexdigest()


def is_current(name: str, stamp: str) -> bool:
    """Tell whether the environment was installed from these lock files."""
    path = VENV / f".installed-{name}"
    return PYTHON.exists() and path.exists() and path.read_text() == stamp


def make_environment() -> None:
    """Create the virtual environment when it is not there or does not run."""
    if (
        PYTHON.exists()
        and not subprocess.run(
            [PYTHON, "-c", "import sys"], capture_output=True, check=False
        ).returncode
    ):
        return
    say("creating the virtual environment")
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], check=False)
    if made.returncode:
        sys.exit("The module venv is missing: on Debian, apt-get install python3-venv.")


def installer() -> Path:
    """Return uv inside the environment, installed from its own lock when missing."""
    tool = VENV / "bin" / "uv"
    if not tool.exists():
        say("installing the installer")
        subprocess.run(
            [
                PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                "--require-hashes", "-r", ROOT / "requirements-tools.lock",
            ],
            check=True,
        )  # fmt: skip
    return tool


def install(locks: tuple[str, ...]) -> None:
    """Install the lock files, every file checked against its hash."""
    say(f"installing {' and '.join(locks)}")
    arguments = [part for name in locks for part in ("-r", str(ROOT / name))]
    subprocess.run(
        [installer(), "pip", "install", "--quiet", "--python", PYTHON, "--require-hashes",
         *arguments],
        check=True,
    )  # fmt: skip


def prepare(*, dev: bool) -> None:
    """Bring the environment to the state of the lock files."""
    run, development = stamp_of(RUN_LOCKS), stamp_of(DEV_LOCKS)
    if is_current("dev", development) or (not dev and is_current("run", run)):
        return
    make_environment()
    install(DEV_LOCKS if dev else RUN_LOCKS)
    (VENV / ".installed-run").write_text(run)
    if dev:
        (VENV / ".installed-dev").write_text(development)
    say("packages are installed")


def main() -> None:
    """Prepare the environment and become the asked command."""
    if sys.version_info < (3, 11):  # noqa: UP036  whoever starts us may have an older one
        sys.exit("Python 3.11 or newer is needed.")
    arguments = sys.argv[1:]
    dev = arguments[:1] == ["--dev"]
    prepare(dev=dev)
    command = arguments[1:] if dev else arguments
    if command:
        os.chdir(ROOT)
        sys.stdout.flush()
        os.execv(PYTHON, [str(PYTHON), *command])  # noqa: S606


if __name__ == "__main__":
    main()
