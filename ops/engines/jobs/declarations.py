"""The registry of jobs: an app declares them in its `jobs.py`, beside the services they call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.utils.functional import Promise

from ops.engines.jobs.shards import Shard
from ops.engines.jobs.timetables import Cadence
from ops.engines.kernel import policy as policies
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import Policy

Report = Callable[[int, int | None, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What the engine gives a job: who acts, now, the period, and a way to say how far it is."""

    run_id: int
    job: str
    period: str
    first: dt.date  # the business days the period is about, both included
    last: dt.date
    actor: Actor
    at: dt.datetime
    late: bool
    report: Report
    shard: Shard | None = None  # the part of the period this run is about

    def progress(self, done: int, total: int | None = None, stage: str = "") -> None:
        """Say how far the run is; call it as often as you like, it is stored once a second.

        Raises LeaseLost when another worker has taken the run over.
        """
        self.report(done, total, stage)


Work = Callable[[Run], Mapping[str, Any] | None]
Plan = Callable[[Run], Iterable[Shard]]

FAMILIES = frozenset({"open", "watch", "scan", "run", "report", "sync"})


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDeclaration:
    """One declared job."""

    name: str
    title: str | Promise
    family: str
    cadence: Cadence
    clauses: tuple[str, ...]
    policy: Policy
    call: Work
    catch_up: int
    attempts: int
    longest: dt.timedelta
    atomic: bool
    shards: Plan | None = None


_jobs: dict[str, JobDeclaration] = {}


def job(
    name: str,
    *,
    family: str,
    cadence: Cadence,
    clauses: Sequence[str],
    title: str | Promise,
    policy: Policy | None = None,
    catch_up: int | None = None,
    attempts: int = 5,
    longest: dt.timedelta = dt.timedelta(hours=1),
    atomic: bool = True,
    shards: Plan | None = None,
) -> Callable[[Work], Work]:
    """Declare a function as the job of a name.

    It runs in one transaction with the note that it is done, so a period has one effect; a job with
    `atomic=False` opens its own transactions and must be able to start again in the middle.
    `catch_up` is how many missed periods are run afterwards, `attempts` how often a failing one is
    tried. After `longest` a run counts as hung and another worker may take it over. `shards` cuts a
    period into parts (an object on a day each): every part is a run of its own with its own lease,
    attempts and progress, parts of one period run side by side, and the period is done when all
    of them are.
    Raises TypeError without a policy, for an unknown family and for a name declared twice.
    """
    policies.declare("job", name, policy)
    if policy is None or family not in FAMILIES:
        raise TypeError(f"job {name} is of no known family: {family}")

    def enter(call: Work) -> Work:
        known = _jobs.get(name)
        if known is not None and known.call.__qualname__ != call.__qualname__:
            raise TypeError(f"job {name} is declared twice")
        _jobs[name] = JobDeclaration(
            name=name,
            title=title,
            family=family,
            cadence=cadence,
            clauses=tuple(clauses),
            policy=policy,
            call=call,
            catch_up=cadence.catch_up if catch_up is None else catch_up,
            attempts=attempts,
            longest=longest,
            atomic=atomic,
            shards=shards,
        )
        return call

    return enter


def jobs() -> Mapping[str, JobDeclaration]:
    """Return every declared job by name."""
    return MappingProxyType(_jobs)
