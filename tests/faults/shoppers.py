"""Sixty-four shoppers and packers at once on a few shelves: place, cancel, ship, in any order.

One order of ten is not paid: it must hold nothing, for nobody takes back what it held.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.faults.clients import Door, Reply
from tests.faults.ground import Ground

PATIENCE = 60  # with so many at once a request waits for a thread of the server


class Crowd:
    """Threads that work until the time is over; `seen` counts every answer by what was asked."""

    def __init__(self, here: Ground, codes: Sequence[str]) -> None:
        self.here, self.codes = here, sorted(codes)
        self.seen: Counter[str] = Counter()
        self.placed: list[str] = []
        self.broken: list[str] = []
        self._open: deque[str] = deque()
        self._lock = threading.Lock()

    def work(self, *, seconds: float, threads: int) -> None:
        """Let everybody work for so long, and wait for the last answers."""
        until = time.monotonic() + seconds
        crowd = [threading.Thread(target=self._work, args=(n, until)) for n in range(threads)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()

    def _work(self, number: int, until: float) -> None:
        draws, port = random.Random(number), self.here.product.port  # noqa: S311
        seller = Door(port, self.here.tokens["agent"], PATIENCE)
        keeper = Door(port, self.here.tokens["keeper"], PATIENCE)
        count = 0
        while time.monotonic() < until:
            count, chance = count + 1, draws.random()
            try:
                if chance < 0.6 or not self._open:
                    self._place(seller, f"C{number}-{count:05}", draws)
                elif chance < 0.8:
                    self._cancel(seller)
                else:
                    self._ship(keeper, draws)
            except (OSError, http.client.HTTPException) as error:
                self._note("connection", Reply(599, "", repr(error)))
            seller.close()  # the server closes what is silent for five seconds, at any moment
            keeper.close()

    def _place(self, door: Door, name: str, draws: random.Random) -> None:
        chosen = self.codes[: draws.randint(1, len(self.codes))]
        if draws.random() < 0.5:
            chosen = chosen[::-1]
        now = datetime.now(UTC).isoformat()
        question: dict[str, object] = {
            "channel": self.here.channel, "external_no": name, "placed_at": now,
            "lines": [{"sku": code, "quantity": draws.randint(1, 3)} for code in chosen],
        }  # fmt: skip
        is_paid = draws.random() < 0.9
        question["paid_at"] = now if is_paid else None
        reply = door.ask(f"key-{name}", json.dumps(question))
        self._note("place" if is_paid else "unpaid", reply)
        if reply.status == 201:
            with self._lock:
                self.placed.append(json.loads(reply.body)["number"])
            self._open.append(self.placed[-1])

    def _cancel(self, door: Door) -> None:
        if number := self._taken():
            body = json.dumps({"reason": "买家改变主意"})
            self._note("cancel", door.send("POST", f"/api/v1/orders/{number}/cancel", body))

    def _ship(self, door: Door, draws: random.Random) -> None:
        listed = door.send("GET", "/api/v1/shipments?state=open")
        self._note("parcels", listed)
        if listed.status != 200:
            return
        if parcels := json.loads(listed.body)["results"]:
            parcel = draws.choice(parcels)
            for step, body in (("pick", "{}"), ("pack", '{"carrier": "SF"}'), ("ship", "{}")):
                reply = door.send("POST", f"/api/v1/shipments/{parcel['id']}/{step}", body)
                self._note(step, reply)
                if reply.status != 200:
                    return

    def _taken(self) -> str | None:
        try:
            return self._open.popleft()
        except IndexError:
            return None

    def _note(self, what: str, reply: Reply) -> None:
        with self._lock:
            self.seen[f"{what} {reply.status}"] += 1
            if reply.status >= 500 or "deadlock" in reply.body:
                self.broken.append(f"{what} {reply.status} {reply.body[:300]}")
