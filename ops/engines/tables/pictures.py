"""What an uploaded picture is: a confined child decodes it, the parent gets four plain facts.

`look(data)` starts `python -m ops.engines.tables.picture`, capped in memory, CPU and time, without
the right to open another file or a socket. A child that dies is a refused picture, never a
second try.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import PIL

from .errors import refused
from .limits import DEFAULT, MIB, Limits

_ROOT: Final = Path(__file__).resolve().parents[3]
# Where the one library stands that the child may import beside the standard one.
_PACKAGES: Final = Path(PIL.__file__).resolve().parent.parent
MOST_PIXELS: Final = 40_000_000
NEAR: Final = 6
_LIMITS: Final = replace(DEFAULT, file_bytes=20 * MIB)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureInfo:
    """One picture as people see it: turned upright, in pixels.

    `dhash` is 16 hexadecimal digits; pictures whose hashes differ in few bits look alike.
    """

    format: str
    width: int
    height: int
    dhash: str


def distance(one: str, other: str) -> int:
    """Return in how many of their 64 bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def look_alike(one: str, other: str) -> bool:
    """Say whether two pictures are nearly the same: rescaled, recoded or slightly touched."""
    return distance(one, other) <= NEAR


def look(data: bytes, *, limits: Limits = _LIMITS) -> PictureInfo:
    """Decode a PNG, JPEG or WebP picture in a confined child and say what it is.

    Raises TableRefused: too large in bytes or pixels, moving, broken, of another kind, too costly.
    """
    if len(data) > limits.file_bytes:
        raise refused("file_too_large", limit=limits.file_bytes)
    answer = _run_child(data, limits)
    if "refused" in answer:
        raise refused(answer["refused"])
    return PictureInfo(**answer)


def _run_child(data: bytes, limits: Limits) -> dict[str, Any]:
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as answer:
        source.write(data)
        source.seek(0)
        request = {
            "limits": asdict(limits),
            "most_pixels": MOST_PIXELS,
            "answer": answer.fileno(),
        }
        # -s and -S: of installed packages only the named folder reaches the child.
        child = subprocess.Popen(
            [sys.executable, "-s", "-S", "-m", f"{__package__}.picture", json.dumps(request)],
            cwd=_ROOT,
            env={"LC_ALL": "C.UTF-8", "PYTHONPATH": str(_PACKAGES)},
            stdin=source,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(answer.fileno(),),
            start_new_session=True,
        )
        try:
            code = child.wait(timeout=limits.wall_seconds + 1)
        except subprocess.TimeoutExpired:
            raise refused("too_costly") from None
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        answer.seek(0)
        text = answer.read(MIB)
    if code != 0 or not text:
        # SIGALRM, SIGXCPU, SIGXFSZ, SIGKILL: the limits; anything else is the file's doing too.
        raise refused("too_costly" if code in (-14, -24, -25, -9) else "reader_died")
    found: dict[str, Any] = json.loads(text)
    return found
