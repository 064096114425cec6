"""Goods that break and goods that come, while others sell: the adjustments of a running product.

    DATA_DIR=... python -m tests.support.shelf SECONDS SEED

writes off and takes in a few pieces at random for so long, and prints how often it did.
"""

from __future__ import annotations

import os
import random
import sys
import time
from decimal import Decimal

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ops.settings")
    django.setup()

from django.utils import timezone

from catalog.models import Sku
from inventory.choices import MoveReason
from inventory.errors import StockShort
from inventory.selectors import places
from inventory.services import moves
from inventory.types import MoveDraft, Source
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day

_ACTOR = Actor.system("tests.shelf")


def _draft(sku_id: int, number: int, draws: random.Random) -> MoveDraft:
    virtual, place = places.virtual_places(), places.warehouse_by_code("HZ")
    assert place is not None
    is_loss = draws.random() < 0.7
    return MoveDraft(
        sku_id=sku_id,
        quantity=draws.randint(1, 3),
        from_location_id=place.bin_id if is_loss else virtual.supplier,
        to_location_id=virtual.gain_loss if is_loss else place.bin_id,
        reason=MoveReason.WRITE_OFF if is_loss else MoveReason.RECEIPT,
        unit_cost=None if is_loss else Decimal("20.00"),
        source=Source(type="tests.shelf", id=number),
        effect_key=f"tests.shelf:{number}",
    )


def main() -> None:
    """Adjust the shelf for so many seconds."""
    seconds, draws = float(sys.argv[1]), random.Random(int(sys.argv[2]))  # noqa: S311
    skus = list(Sku.objects.order_by("id").values_list("id", flat=True)[:4])
    until, posted = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        at = timezone.now()
        try:
            moves.post(
                [_draft(draws.choice(skus), posted + 1, draws)],
                actor=_ACTOR, at=at, business_day=business_day(at),
            )  # fmt: skip
            posted += 1
        except StockShort:
            time.sleep(0.1)
        time.sleep(draws.uniform(0.05, 0.3))
    sys.stdout.write(str(posted))


if __name__ == "__main__":
    main()
