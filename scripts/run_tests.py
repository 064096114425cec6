"""The whole test suite on real servers; looks for a browser first, and says when there is none.

With `--prepare` only what the tests wait for at their start is made: browser, servers, template.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FONTS = ("NotoSansCJK", "wqy-microhei", "NotoSerifCJK", "DroidSansFallback")


def browser() -> str | None:
    """Return the path of an installed Chromium."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def has_chinese_font() -> bool:
    """Tell whether a font for Chinese is installed."""
    folders = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
    return any(
        path.name.startswith(FONTS) for folder in folders for path in folder.glob("**/*.tt[cf]")
    )


def apt(*arguments: str) -> bool:
    """Run apt-get quietly and tell whether it succeeded."""
    done = subprocess.run(
        ["apt-get", "-qq", *arguments],  # noqa: S607
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


def install_browser() -> None:
    """Install Chromium and a Chinese font from Debian when both are allowed and missing."""
    missing = [] if browser() else ["chromium"]
    missing += [] if has_chinese_font() else ["fonts-wqy-microhei"]
    if not missing:
        return
    if os.geteuid() or not shutil.which("apt-get"):
        print(f"!! Missing {' and '.join(missing)}: browser tests are skipped. Install by hand.")
        return
    print(f"installing {' and '.join(missing)}", flush=True)
    if not (apt("update") and apt("install", "-y", "--no-install-recommends", *missing)):
        print(f"!! {' and '.join(missing)} could not be installed: browser tests are skipped.")


def prepare() -> int:
    """Start the servers of the tests and build their template."""
    command = [sys.executable, "-m", "tests.support.template"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def main() -> int:
    """Run pytest with as many workers as there are cores; further arguments go to it."""
    install_browser()
    if sys.argv[1:] == ["--prepare"]:
        return prepare()
    arguments = sys.argv[1:] or ["-q"]
    workers = str(min(4, os.cpu_count() or 1))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-n", workers, "--dist", "worksteal", *arguments],
        cwd=ROOT,
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
