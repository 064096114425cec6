"""What both fault tests stand on: a started product with a company, clients, and the results."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.faults.clients import Ack, Clients
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


def prepare(product: Product, *, pieces: int | None = None) -> Ground:
    """Start the product and found the company in it, with so many pieces of each SKU."""
    product.start()
    arguments = [] if pieces is None else [str(pieces)]
    founded = product.python("-m", "tests.support.company", *arguments)
    assert founded.returncode == 0, founded.stderr
    told: dict[str, Any] = json.loads(founded.stdout)
    return Ground(product, told["channel"], told["prices"], told["tokens"])


def median_ms(acks: Sequence[Ack]) -> float:
    """Return how long an order took from first try to answer, in milliseconds."""
    return round(statistics.median(ack.ended - ack.began for ack in acks) * 1000, 1)


def keep(name: str, result: dict[str, Any]) -> None:
    """Keep a result for `make faults`."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(result | {"full": IS_FULL}, indent=1))
