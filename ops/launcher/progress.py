"""What a person sees while the product starts."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_started = time.monotonic()


def say(text: str) -> None:
    """Print one line with the seconds since the start."""
    sys.stdout.write(f"[{time.monotonic() - _started:5.1f} s] {text}\n")
    sys.stdout.flush()


@contextmanager
def step(text: str) -> Iterator[None]:
    """Announce a step, and say how long it took when it took more than a moment."""
    say(text)
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    if took > 1:
        say(f"  done in {took:.1f} s")
