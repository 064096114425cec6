"""What the fault tests stand on: a started product with a company, clients, and the results.

A product is set up once per run and stopped; whoever needs one starts a copy of its data.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.faults.clients import Ack, Clients
from tests.support.once import once
from tests.support.product import ROOT, Product

IS_FULL: Final = os.environ.get("GUIFAN_FAULTS") == "full"
RESULTS: Final = ROOT / "build" / "faults"


@dataclass
class Ground:
    """A product in which a company works, and what a client must know."""

    product: Product
    channel: str
    prices: dict[str, str]
    tokens: dict[str, str]

    @property
    def token(self) -> str:
        """Return the token of the account that takes orders."""
        return self.tokens["agent"]

    def clients(self, record: Path) -> Clients:
        """Return clients that append what was acknowledged to a file."""
        return Clients(
            port=self.product.port,
            token=self.token,
            channel=self.channel,
            codes=sorted(self.prices),
            record=record,
        )

    def wait_until_healthy(self, seconds: float = 30) -> None:
        """Wait until every part answers."""
        deadline = time.monotonic() + seconds
        while not self.product.is_healthy():
            assert time.monotonic() < deadline, self.product.said()
            time.sleep(0.2)


def prepare(
    product: Product, places: pytest.TempPathFactory, *, pieces: int | None = None
) -> Ground:
    """Start a product with the company in it, with so many pieces of each SKU."""
    empty, _nothing = once(places, "product-empty", _set_up)
    if pieces is not None:
        _start_copy(empty, product)
        return _ground(product, _found(product, str(pieces)))

    def found(folder: Path) -> str:
        first = Product(folder / "data")
        try:
            _start_copy(empty, first)
            return _found(first)
        finally:
            first.stop()

    founded, said = once(places, "product-founded", found)
    _start_copy(founded, product)
    return _ground(product, said)


def _set_up(folder: Path) -> str:
    product = Product(folder / "data")
    try:
        product.start()
    finally:
        product.stop()
    return ""


def _start_copy(stopped: Path, product: Product) -> None:
    shutil.rmtree(product.data_dir, ignore_errors=True)  # what a failed try left
    shutil.copytree(stopped / "data", product.data_dir, symlinks=True)
    product.start()


def _found(product: Product, *arguments: str) -> str:
    founded = product.python("-m", "tests.support.company", *arguments)
    assert founded.returncode == 0, founded.stderr
    return founded.stdout


def _ground(product: Product, said: str) -> Ground:
    told: dict[str, Any] = json.loads(said)
    return Ground(product, told["channel"], told["prices"], told["tokens"])


def median_ms(acks: Sequence[Ack]) -> float:
    """Return how long an order took from first try to answer, in milliseconds."""
    return round(statistics.median(ack.ended - ack.began for ack in acks) * 1000, 1)


def keep(name: str, result: dict[str, Any]) -> None:
    """Keep a result for `make faults`."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(result | {"full": IS_FULL}, indent=1))
