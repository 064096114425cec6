"""Ask a container's process whether it lives; ends with 0 when it does."""

from __future__ import annotations

import os
import sys
import urllib.request
from pathlib import Path


def web_answers() -> bool:
    """Tell whether the web process answers that it is ready."""
    host = os.environ.get("ALLOWED_HOSTS", "127.0.0.1").split(",")[0]
    request = urllib.request.Request("http://127.0.0.1:8000/health/", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310  a fixed address
        return bool(answer.status == 200)


def process_runs(name: str) -> bool:
    """Tell whether a process of this container was started as `serve <name>`."""
    wanted = f"serve\0{name}\0".encode()
    return any(wanted in path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline"))


def main() -> int:
    """Probe the named process."""
    name = sys.argv[1]
    try:
        alive = web_answers() if name == "web" else process_runs(name)
    except OSError:
        return 1
    return 0 if alive else 1


if __name__ == "__main__":
    sys.exit(main())
