"""Limits the child puts on itself before it looks at the first byte of a stranger's file."""

from __future__ import annotations

import os
import resource
import signal

from ops.engines.tables.limits import Limits


def confine(limits: Limits) -> None:
    """Cap memory, CPU, wall time, output and core files of this process."""
    _cap(resource.RLIMIT_AS, limits.memory_bytes)
    _cap(resource.RLIMIT_CPU, limits.cpu_seconds)
    _cap(resource.RLIMIT_FSIZE, limits.output_bytes)
    _cap(resource.RLIMIT_CORE, 0)
    signal.alarm(limits.wall_seconds)


def close_the_doors() -> None:
    """Allow no further descriptor: neither a file nor a socket can be opened from now on."""
    lowest_free = os.dup(0)
    os.close(lowest_free)
    _cap(resource.RLIMIT_NOFILE, lowest_free)


def _cap(which: int, most: int) -> None:
    hard = resource.getrlimit(which)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (most, most))
