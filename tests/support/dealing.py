"""In which order tests run, so that all workers end together.

Every worker gets one stretch of the collection, and one that has nothing left takes tests from the
end of another's stretch. So each stretch begins with its share of the files that take long (each a
whole, for what it founds is founded once), and ends with tests that are short.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

# Seconds on two cores, roughly: only who is longer than whom matters. The first two found what is
# founded once per run, the company and the product, so they begin on different workers.
LONG: Final = {
    "tests/permissions/test_crawl.py": 170,
    "tests/faults/test_network.py": 140,
    "tests/badinput/test_json.py": 90,
    "tests/machine/test_ledgers.py": 80,
    "tests/badinput/test_forms.py": 80,
    "tests/badinput/test_document.py": 60,
    "tests/permissions/test_foreign.py": 60,
    "tests/permissions/test_worlds.py": 60,
    "tests/faults/test_kills.py": 50,
    "tests/permissions/test_matrix.py": 45,
    "tests/badinput/test_exports.py": 40,
    "tests/permissions/test_sequences.py": 40,
    "tests/permissions/test_trail.py": 40,
    "tests/screens/test_tour.py": 40,
    "tests/faults/test_oversell.py": 40,
    "tests/faults/test_imports.py": 40,
    "tests/permissions/test_given_files.py": 35,
    "tests/faults/test_broker.py": 35,
    "tests/ops/test_up.py": 35,
    "tests/badinput/test_queries.py": 30,
    "tests/badinput/test_values.py": 30,
    "tests/badinput/test_mass_assignment.py": 30,
    "tests/badinput/test_outbound.py": 30,
    "tests/faults/test_stolen.py": 25,
    "tests/screens/test_warehouse.py": 25,
    "tests/screens/test_hands.py": 25,
    "tests/screens/test_order_desk.py": 20,
    "tests/screens/test_reconciliation.py": 20,
    "tests/screens/test_approvals.py": 20,
    "tests/badinput/test_limits.py": 20,
    "tests/badinput/test_admin.py": 20,
    "tests/faults/test_tampering.py": 20,
    "tests/permissions/test_typed.py": 15,
    "tests/screens/test_checks.py": 15,
    "tests/faults/test_door.py": 15,
}


def stretches(tests: int, workers: int) -> list[int]:
    """Return how many tests each worker gets at first: as even as whole numbers are."""
    sizes: list[int] = []
    for left in range(workers, 0, -1):
        sizes.append((tests - sum(sizes)) // left)
    return sizes


def dealt(files: Sequence[str], workers: int) -> list[int]:
    """Return the positions of tests in the order they run, given the file of each."""
    long: dict[str, list[int]] = {}
    for at, file in enumerate(files):
        if file in LONG:
            long.setdefault(file, []).append(at)
    sizes = stretches(len(files), workers)
    hands: list[list[int]] = [[] for _worker in range(workers)]
    loads = [0] * workers
    for file in sorted(long, key=lambda name: (-LONG[name], name)):
        room = [w for w in range(workers) if len(hands[w]) + len(long[file]) <= sizes[w]]
        if room:
            worker = min(room, key=lambda w: (loads[w], w))
            hands[worker] += long.pop(file)
            loads[worker] += LONG[file]
    taken = {at for hand in hands for at in hand}
    rest = iter(at for at in range(len(files)) if at not in taken)
    for hand, size in zip(hands, sizes, strict=True):
        hand += [next(rest) for _test in range(size - len(hand))]
    return [at for hand in hands for at in hand]
