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
    "tests/permissions/test_crawl.py": 140,
    "tests/faults/test_network.py": 95,
    "tests/machine/test_ledgers.py": 80,
    "tests/screens/test_tour.py": 65,
    "tests/faults/test_kills.py": 50,
    "tests/screens/test_checks.py": 50,
    "tests/faults/test_broker.py": 43,
    "tests/badinput/test_forms.py": 42,
    "tests/ops/test_up.py": 40,
    "tests/faults/test_oversell.py": 37,
    "tests/screens/test_shell.py": 35,
    "tests/screens/test_compliance.py": 35,
    "tests/engines/approvals/test_conformance.py": 32,
    "tests/permissions/test_foreign.py": 31,
    "tests/journeys/test_real_trade.py": 30,
    "tests/screens/test_scores.py": 30,
    "tests/screens/test_people.py": 28,
    "tests/screens/test_search.py": 24,
    "tests/faults/test_imports.py": 23,
    "tests/screens/test_clocks.py": 22,
    "tests/screens/test_order_desk.py": 22,
    "tests/badinput/test_document.py": 21,
    "tests/screens/test_pages.py": 20,
    "tests/screens/test_price_patrol.py": 20,
    "tests/badinput/test_json.py": 19,
    "tests/faults/test_stolen.py": 19,
    "tests/ops/test_demo.py": 19,
    "tests/screens/test_report_centre.py": 18,
    "tests/screens/test_listings.py": 17,
    "tests/screens/test_warehouse.py": 16,
    "tests/screens/test_work.py": 16,
    "tests/screens/test_hands.py": 15,
    "tests/screens/test_month_close.py": 15,
    "tests/screens/test_ranges.py": 13,
    "tests/badinput/test_admin.py": 14,
    "tests/permissions/test_scopes.py": 14,
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
