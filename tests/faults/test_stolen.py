"""S8: who steals a dump, the database's files, the log, the broker's file or uploads reads nobody.

Every person here carries a mark in name, phone and address, so that one search finds them all, in
any of the ways a text may lie in a file; and nobody is found by hashing a guess without a key.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.embedded.binaries import postgres_bin
from tests.faults import books, ground
from tests.faults.clients import Door
from tests.faults.ground import Ground
from tests.support.product import Product

PERSONS = 1_000 if ground.IS_FULL else 60
MARKS = {"name": "鸾隐甲", "phone": "1739137", "address": "赟溪弄堂"}
HASHED = 5 if ground.IS_FULL else 2  # persons whose hashes are looked for
pytestmark = pytest.mark.slow


def person(number: int) -> dict[str, str]:
    """Return a buyer nobody else is like."""
    return {
        "code": f"canary-{number}",
        "name": f"{MARKS['name']}{number}",
        "phone": f"{MARKS['phone']}{number:04}",
        "address": f"浙江省杭州市{MARKS['address']}{number}号",
    }


def forms(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield the ways in which a text may lie in a file."""
    plain = text.encode()
    yield "utf-8", plain
    yield "utf-16-le", text.encode("utf-16-le")
    yield "utf-16-be", text.encode("utf-16-be")
    yield "gb18030", text.encode("gb18030")
    yield "reversed", text[::-1].encode()
    yield "escaped", text.encode("unicode_escape") if not text.isascii() else plain
    yield "hex", plain.hex().encode()
    yield "HEX", plain.hex().upper().encode()
    for shift in range(3):  # what of a base64 text does not depend on its neighbours
        coded = base64.b64encode(b"\0" * shift + plain)
        yield f"base64+{shift}", coded[4 if shift else 0 : len(coded) // 4 * 4 - 4]


def hashes(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield what hashing a guess without a key gives."""
    for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
        digest = hashlib.new(name, text.encode()).digest()
        yield f"{name} of {text}", digest[:16]
        yield f"{name} of {text} in hex", digest.hex().encode()[:32]
        yield f"{name} of {text} in base64", base64.b64encode(digest)[:20]


def tokens() -> list[tuple[str, bytes]]:
    """Return everything that must not be found."""
    wanted = [
        (f"{field} as {form}", token)
        for field, mark in MARKS.items()
        for form, token in forms(mark)
    ]
    for number in range(HASHED):
        # The mark of a phone is too short for base64 to show it.
        wanted += [(f"a phone as {form}", token) for form, token in forms(person(number)["phone"])]
        for field in ("name", "phone", "address"):
            wanted += hashes(person(number)[field])
    return [(name, token) for name, token in wanted if len(token) >= 6]


def found_in(path: Path, wanted: list[tuple[str, bytes]]) -> list[str]:
    """Return what of the wanted lies in a file."""
    data = path.read_bytes().rstrip(b"\0") if path.is_file() else b""
    return [f"{path.name}: {name}" for name, token in wanted if token in data]


def order(here: Ground, number: int) -> dict[str, object]:
    """Return an order of a person."""
    when = "2026-11-26T12:00:00+08:00"
    return {
        "external_no": f"P{number:05}", "placed_at": when, "paid_at": when,
        "buyer": person(number), "lines": [{"sku": min(here.prices), "quantity": 1}],
    }  # fmt: skip


def trade(here: Ground, folder: Path) -> None:
    """Let the persons buy in every way there is, and let some of it fail."""
    door = Door(here.product.port, here.token, 60)
    for first in range(0, PERSONS, 100):
        some = [order(here, number) for number in range(first, min(first + 100, PERSONS))]
        body = json.dumps({"channel": here.channel, "orders": some}, ensure_ascii=True)
        assert door.send("POST", "/api/v1/orders/bulk", body, key=f"bulk-{first}").status == 200
    wrong = order(here, 1) | {"channel": here.channel, "external_no": "P-wrong"}
    wrong["lines"] = [{"sku": "NO-SUCH", "quantity": 1}]
    assert door.ask("wrong-1", json.dumps(wrong, ensure_ascii=False)).status == 422
    wrong["buyer"] = person(2) | {"phone": person(2)["phone"] + "\u0000x"}
    assert door.ask("wrong-2", json.dumps(wrong)).status in {400, 422}
    file = folder / "orders.csv"  # a name somebody types is no personal field
    head = "订单编号,下单时间,付款时间,商家编码,数量,买家,收货人,手机,收货地址"
    when, code = "2026-11-20 09:00:00,2026-11-20 09:01:00", min(here.prices)
    rows = [
        ",".join([f"Q{n}", when, code, "x" if n % 10 == 9 else "1", *person(n).values()])
        for n in range(PERSONS)
    ]
    file.write_text("\n".join([head, *rows, ""]), "utf-8")
    done = here.product.manage("ingest", "generic_orders", str(file), "--channel", here.channel)
    assert done.returncode in {0, 2}, done.stderr


def dump(product: Product, path: Path) -> None:
    """Write everything the database holds, as a thief of backups would have it."""
    with path.open("wb") as out:
        url = product.run_json()["owner_database_url"]
        subprocess.run([str(postgres_bin() / "pg_dump"), url], stdout=out, check=True)


def test_nobody_can_be_read_in_what_a_thief_can_carry_away(here: Ground, tmp_path: Path) -> None:
    product = here.product
    trade(here, tmp_path)
    assert books.seconds_until_delivered(product, patience=60) is not None
    stored = books.number(product, "SELECT count(*) FROM customers_customer WHERE phone_enc <> ''")
    wanted = tokens()
    began = time.monotonic()
    dump(product, tmp_path / "dump.sql")
    product.stop()  # a clean stop writes every page
    files = [
        path
        for path in product.data_dir.rglob("*")
        if path.name != "secrets.json" and "static" not in path.relative_to(product.data_dir).parts
    ]
    places = {path.relative_to(product.data_dir).parts[0] for path in files if path.is_file()}
    hits = [
        hit
        for path in (tmp_path / "dump.sql", product.log, *files)
        for hit in found_in(path, wanted)
    ]
    ground.keep(
        "stolen",
        {
            "promise": "S8", "seconds": round(time.monotonic() - began, 1), "accepted": stored,
            "lost": len(hits), "files": len(files), "tokens": len(wanted),
        },
    )  # fmt: skip

    assert stored == PERSONS
    assert {"pg", "valkey", "logs"} <= places
    assert (tmp_path / "dump.sql").stat().st_size > 100_000
    assert hits == []


def test_the_search_finds_a_text_in_every_form(tmp_path: Path) -> None:
    wanted, told = tokens(), person(0)
    for number, (form, data) in enumerate(
        [
            *wanted,
            ("inside base64", base64.b64encode(f'{{"name":"{told["name"]}"}}'.encode())),
            ("sha256", hashlib.sha256(told["phone"].encode()).digest()),
            ("sha256 hex", hashlib.sha256(told["phone"].encode()).hexdigest().encode()),
        ]
    ):
        path = tmp_path / f"{number}"
        path.write_bytes(b"before " + data + b" after")
        assert found_in(path, wanted), form
