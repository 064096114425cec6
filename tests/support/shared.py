"""The folder of real data beside the checkout; tests that need it say so when it is absent."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("GUIFAN_SHARED", ROOT.parent / "shared"))


def shared_file(name: str, folder: str = "data") -> Path:
    """Return one shared file, or skip the test loudly."""
    path = SHARED / folder / name
    if not path.exists():
        pytest.skip(f"NOT RUN: the shared file {folder}/{name} is absent")
    return path
