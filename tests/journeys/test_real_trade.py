"""Half a year of real trade comes in, and every figure equals the published answer."""

import csv
import datetime as dt
import gzip
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

from catalog.models import Channel, ExternalCode
from catalog.services import recommending
from catalog.types.recommendations import Pair
from customers.models import Order
from finance.models import JournalEntry
from finance.selectors import ledger
from inventory.models import Move
from ops.engines.events import selectors as events
from tests.support.shared import shared_file
from tests.support.trade import lines_file

PERIOD = "2010-12..2011-06"
pytestmark = pytest.mark.usefixtures("trade_company")


def expected(name: str) -> list[dict[str, str]]:
    path = shared_file(f"expected_dev/{name}")
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    return list(csv.DictReader(text.splitlines()))


def built(name: str, folder: Path, period: str = PERIOD) -> list[dict[str, str]]:
    call_command("report", name, period=period, format="json", output=folder)
    (path,) = folder.glob("*.json")
    rows: list[dict[str, object]] = json.loads(path.read_text())
    return [{key: "" if value is None else str(value) for key, value in r.items()} for r in rows]


def test_monthly_sales_equal_the_answers(tmp_path: Path) -> None:
    assert built("sales_monthly", tmp_path) == expected("kpi_monthly_uci_2010-12_2011-06.csv")


@pytest.mark.clause("MKT-5.4-05")
def test_daily_sales_equal_the_answers(tmp_path: Path) -> None:
    assert built("sales_daily", tmp_path) == expected("kpi_daily_uci_2010-12_2011-06.csv")


def test_sales_by_country_equal_the_answers(tmp_path: Path) -> None:
    assert built("sales_by_country", tmp_path) == expected("kpi_country_uci_2010-12_2011-06.csv")


def test_stock_moves_by_reason_equal_the_answers(tmp_path: Path) -> None:
    rows = built("stock_movements", tmp_path)

    assert rows == expected("stock_movements_by_reason_uci_2010-12_2011-06.csv")


def test_closing_stock_equals_the_answers_at_every_month_end(tmp_path: Path) -> None:
    answers = expected("stock_closing_by_month_uci_2010-12_2011-06.csv.gz")

    for month in ("2010-12", "2011-03", "2011-06"):
        folder = tmp_path / month
        folder.mkdir()
        closing = {
            row["StockCode"]: row["closing"] for row in built("stock_closing", folder, month)
        }
        assert closing == {row["StockCode"]: row[month] for row in answers}


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    shuffled = tmp_path / "renamed.csv"
    with gzip.open(lines_file(), "rt", encoding="utf-8") as lines:
        head, *rows = lines.read().splitlines()
    shuffled.write_text("\n".join([head, *reversed(rows)]) + "\n", encoding="utf-8")
    before = (JournalEntry.objects.count(), Order.objects.count(), Move.objects.count())

    call_command("ingest", "uci_online_retail", str(shuffled), "--channel", "uci")

    assert (JournalEntry.objects.count(), Order.objects.count(), Move.objects.count()) == before


def test_the_books_hold_every_document_and_balance() -> None:
    assert ledger.differences() == []
    assert events.undelivered(until=dt.date(2011, 6, 30)) == 0
    by_source: dict[str, int] = defaultdict(int)
    for source in JournalEntry.objects.values_list("source_type", flat=True):
        by_source[source] += 1
    assert by_source["customers.order"] > 9_000
    assert by_source["customers.return"] > 1_500


def test_pairs_bought_together_equal_the_answers() -> None:
    channel = Channel.objects.get(code="uci")
    codes = dict(ExternalCode.objects.filter(channel=channel).values_list("sku_id", "code"))
    first, last = dt.date(2010, 12, 1), dt.date(2011, 6, 30)
    wanted = expected("pairs_uci_2010-12_2011-06.csv")

    found = recommending.mine(
        channel_id=channel.pk, first=first, last=last, min_support=100, most=5_000
    )

    def row(pair: Pair) -> dict[str, str]:
        # The answers name the lesser code first; we have the lesser id first.
        (a, n_a), (b, n_b) = sorted(
            [(codes[pair.sku_id], pair.of_sku), (codes[pair.other_id], pair.of_other)]
        )
        way = pair.confidence if a == codes[pair.sku_id] else Decimal(pair.together) / n_a
        return {
            "a": a,
            "b": b,
            "n_ab": str(pair.together),
            "n_a": str(n_a),
            "n_b": str(n_b),
            "baskets": str(pair.baskets),
            "confidence_a_to_b": f"{way:.6f}",
            "lift": f"{pair.lift:.4f}",
        }

    rows = sorted(map(row, found), key=lambda r: (-int(r["n_ab"]), r["a"], r["b"]))
    assert len(wanted) == 100
    assert rows[:100] == wanted
