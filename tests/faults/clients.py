"""Clients that place orders over HTTP and never give up: same key, same question, until answered.

What was acknowledged is appended to a file and synced before the client goes on, in a process that
nobody kills.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PATIENCE = 10  # seconds a client waits for one answer
LAST_WAIT = 90  # seconds an unanswered order may take after the faults have ended
UNKNOWN = "NO-SUCH-SKU"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer as it came."""

    status: int
    location: str
    body: str


@dataclass(frozen=True, slots=True)
class Ack:
    """A definite answer to one order, with the question it belongs to."""

    key: str
    question: str
    began: float
    ended: float
    tries: int
    status: int
    location: str
    body: str

    @property
    def asked(self) -> dict[str, Any]:
        """Return the question as it was sent."""
        content: dict[str, Any] = json.loads(self.question)
        return content

    @property
    def reply(self) -> Reply:
        """Return the answer alone."""
        return Reply(self.status, self.location, self.body)


class Door:
    """One connection to the product; opened again after each failure."""

    def __init__(self, port: int, token: str, patience: float = PATIENCE) -> None:
        self.port, self.token, self.patience = port, token, patience
        self._link: http.client.HTTPConnection | None = None

    def ask(self, key: str, question: str) -> Reply:
        """Place one order. Raises OSError or HTTPException when no whole answer came."""
        return self.send("POST", "/api/v1/orders", question, key=key)

    def send(
        self,
        method: str,
        path: str,
        body: str | None = None,
        *,
        key: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request. Raises OSError or HTTPException when no whole answer came."""
        if self._link is None:
            self._link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        told = {"Content-Type": "application/json", **(headers or {})}
        if self.token:
            told["Authorization"] = f"Token {self.token}"
        if key:
            told["Idempotency-Key"] = key
        try:
            self._link.request(method, path, body=body and body.encode(), headers=told)
            answer = self._link.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        return Reply(answer.status, answer.getheader("Location") or "", text)

    def close(self) -> None:
        """Forget the connection."""
        if self._link is not None:
            self._link.close()
            self._link = None


class Clients:
    """Several clients at once; `acks` holds every definite answer."""

    def __init__(
        self, *, port: int, token: str, channel: str, codes: Sequence[str], record: Path
    ) -> None:
        self.port, self.token, self.channel, self.codes = port, token, channel, codes
        self.patience: float = PATIENCE
        self.longest = 0.0  # seconds one request took, answered or not
        self.acks: list[Ack] = []
        self.unanswered: list[str] = []
        self.seen: Counter[str] = Counter()
        self._record = record.open("ab")
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._give_up_at = float("inf")
        self._threads: list[threading.Thread] = []

    def start(self, count: int = 8) -> None:
        """Let the clients write."""
        self._threads = [
            threading.Thread(target=self._write, args=(number,), daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Start no new order; wait until every order that was begun is answered."""
        self._give_up_at = time.monotonic() + LAST_WAIT
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._record.close()

    def ask_again(self, acks: Sequence[Ack], count: int = 8) -> list[tuple[Ack, Reply]]:
        """Send each question once more under its old key; return the answers that differ."""
        different: list[tuple[Ack, Reply]] = []

        def repeat(part: Sequence[Ack]) -> None:
            door = Door(self.port, self.token)
            for ack in part:
                reply = door.ask(ack.key, ack.question)
                if reply != ack.reply:
                    different.append((ack, reply))
            door.close()

        threads = [
            threading.Thread(target=repeat, args=(acks[number::count],)) for number in range(count)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return different

    def _write(self, number: int) -> None:
        draws, door = random.Random(number), self._door()  # noqa: S311
        count = 0
        while not self._stop.is_set():
            count += 1
            name = f"F{number}-{count:06}"
            question = self._question(name, draws, is_wrong=count % 50 == 0)
            ack = self._until_answered(door, f"key-{name}", question)
            if ack is None:
                self.unanswered.append(name)
                continue
            with self._lock:
                self._record.write(json.dumps(asdict(ack)).encode() + b"\n")
                self._record.flush()
                os.fsync(self._record.fileno())
                self.acks.append(ack)
        door.close()

    def _until_answered(self, door: Door, key: str, question: str) -> Ack | None:
        began, tries = time.monotonic(), 0
        while time.monotonic() < self._give_up_at:
            tries += 1
            asked = time.monotonic()
            try:
                reply = door.ask(key, question)
            except (OSError, http.client.HTTPException) as error:
                self._count(type(error).__name__)
                time.sleep(0.1)
                continue
            finally:
                self.longest = max(self.longest, time.monotonic() - asked)
            self._count(str(reply.status))
            if reply.status >= 500 or _is_in_flight(reply):
                time.sleep(0.1)
                continue
            return Ack(
                key=key, question=question, began=began, ended=time.monotonic(), tries=tries,
                status=reply.status, location=reply.location, body=reply.body,
            )  # fmt: skip
        return None

    def _door(self) -> Door:
        return Door(self.port, self.token, self.patience)

    def _count(self, what: str) -> None:
        with self._lock:
            self.seen[what] += 1

    def _question(self, name: str, draws: random.Random, *, is_wrong: bool) -> str:
        now = datetime.now(UTC).isoformat()
        # Everybody wants the first of the goods, and some others, in any order.
        chosen = [self.codes[0], *draws.sample(self.codes[1:], draws.randint(0, 2))]
        draws.shuffle(chosen)
        lines: list[Mapping[str, Any]] = [
            {"sku": code, "quantity": draws.randint(1, 3)} for code in chosen
        ]
        if is_wrong:
            lines.append({"sku": UNKNOWN, "quantity": 1})
        return json.dumps(
            {
                "channel": self.channel,
                "external_no": name,
                "placed_at": now,
                "paid_at": now,
                "lines": lines,
            }
        )


def _is_in_flight(reply: Reply) -> bool:
    return reply.status == 409 and "http.in_flight" in reply.body
