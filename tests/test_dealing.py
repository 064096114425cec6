"""Long tests run first on every worker, and every test runs once."""

from __future__ import annotations

import pytest

from tests.support import dealing
from tests.teeth import ROOT

FILES = [
    *["tests/badinput/test_json.py"] * 5,
    *["tests/catalog/test_a.py"] * 40,
    *["tests/faults/test_network.py"] * 3,
    *["tests/permissions/test_crawl.py"] * 4,
    *["tests/screens/test_b.py"] * 31,
]


def test_every_long_file_is_there() -> None:
    assert [name for name in dealing.LONG if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("workers", [1, 2, 3, 4])
def test_each_stretch_begins_with_its_long_files_whole(workers: int) -> None:
    order = dealing.dealt(FILES, workers)
    sizes = dealing.stretches(len(FILES), workers)

    assert sorted(order) == list(range(len(FILES)))
    assert sum(sizes) == len(FILES)
    homes: dict[str, int] = {}
    begin = 0
    for worker, size in enumerate(sizes):
        stretch = [FILES[at] for at in order[begin : begin + size]]
        begin += size
        long = [name in dealing.LONG for name in stretch]
        assert long == sorted(long, reverse=True)
        for name in {one for one in stretch if one in dealing.LONG}:
            assert homes.setdefault(name, worker) == worker
    assert len(set(homes.values())) == min(workers, 3)


def test_a_few_tests_of_one_long_file_stay_in_order() -> None:
    files = ["tests/faults/test_network.py"] * 3

    assert sorted(dealing.dealt(files, 2)) == [0, 1, 2]
    assert dealing.dealt(files, 1) == [0, 1, 2]
