"""A sealed log in memory, to be attacked as a superuser attacks a database, and exported."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import random
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from ops.engines.audit import anchors as texts
from ops.engines.audit.merkle import Tree
from ops.engines.audit.signing import Signer
from ops.engines.audit.verifier import verify_bundle as verifier
from ops.engines.kernel.canonical import canonical_json
from ops.engines.kernel.parse import BUSINESS_ZONE

BEGIN = datetime(2026, 11, 5, 9, 0, tzinfo=BUSINESS_ZONE)


@dataclass(frozen=True)
class Seal:
    """The columns of one anchor."""

    id: int
    first_leaf: int
    tree_size: int
    root: bytes
    previous: bytes
    sealed_at: datetime
    horizon: int
    key_id: str
    next_key: bytes | None = None
    signature: bytes = b""
    next_signature: bytes | None = None
    peaks: bytes = b""

    def line(self) -> str:
        """Return the line copied outside."""
        return texts.line_of(self)


@dataclass
class Log:
    """Tables as the superuser sees them; `signer` is what he does not have."""

    signer: Signer
    facts: dict[int, str] = field(default_factory=dict)
    places: list[tuple[int, bytes]] = field(default_factory=list)
    anchors: list[Seal] = field(default_factory=list)
    now: datetime = BEGIN

    def happen(self, count: int, chance: random.Random) -> None:
        """Record facts."""
        for _each in range(count):
            number = len(self.facts) + 1
            self.facts[number] = canonical_json(
                {
                    "action": chance.choice(["finance.payment_approved", "catalog.price_changed"]),
                    "actor_name": chance.choice(["李娜", "王敏", "buyer"]),
                    "at": self.now,
                    "body": canonical_json({"amount": str(chance.randrange(10**6)), "n": number}),
                    "txid": str(1000 + number),
                }
            )

    def seal(self, *, following: Signer | None = None) -> Seal:
        """Seal what is new, as the sealer does."""
        self.now += timedelta(minutes=1)
        for number in range(len(self.places) + 1, len(self.facts) + 1):
            self.places.append((number, leaf_of(self.facts[number])))
        last = self.anchors[-1] if self.anchors else None
        made = self.sign(last, self.signer, following=following)
        self.anchors.append(made)
        if following is not None:
            self.signer = following
        return made

    def sign(self, last: Seal | None, signer: Signer, *, following: Signer | None = None) -> Seal:
        """Return the anchor over all places that follows another one."""
        first = last.tree_size if last else 0
        return self.signed(
            Seal(
                id=last.id + 1 if last else 1,
                first_leaf=first,
                tree_size=len(self.places),
                root=b"",
                previous=texts.hash_of(last) if last else bytes(32),
                sealed_at=self.now,
                horizon=1001 + len(self.places),
                key_id=signer.id,
                next_key=following.public if following else None,
            ),
            signer,
            following,
        )

    def signed(self, seal: Seal, signer: Signer, following: Signer | None = None) -> Seal:
        """Return an anchor with the root of the places as they are, signed."""
        tree = self.tree(seal.tree_size)
        made = replace(seal, root=tree.root(), peaks=b"".join(tree.peaks), key_id=signer.id)
        text = texts.content_of(made)
        return replace(
            made,
            signature=signer.sign(text),
            next_signature=following.sign(text) if following else made.next_signature,
        )

    def tree(self, size: int) -> Tree:
        """Return the tree over the first places."""
        grown = Tree()
        grown.append(leaf for _number, leaf in self.places[:size])
        return grown

    def copy(self) -> Log:
        """Return yesterday's backup."""
        return copy.deepcopy(self)

    def outside(self) -> list[str]:
        """Return the lines copied outside so far."""
        return [anchor.line() for anchor in self.anchors]

    def export(self, first: date, last: date) -> dict[str, bytes]:
        """Return the members of the bundle of some days, chosen as the product chooses."""
        start = datetime.combine(first, time(), BUSINESS_ZONE)
        end = datetime.combine(last + timedelta(days=1), time(), BUSINESS_ZONE)
        newest = len(self.anchors) - 1
        low = next((n for n, a in enumerate(self.anchors) if a.sealed_at > start), newest)
        high = next((n for n, a in enumerate(self.anchors) if a.sealed_at >= end), newest)
        chosen = self.anchors[low : max(low, high) + 1]
        before = self.anchors[low - 1] if low else None
        rows = self.places[chosen[0].first_leaf : chosen[-1].tree_size]
        handovers = [a for a in self.anchors[:low] if a.next_key]
        earlier = {a.id: a for a in [*handovers, *([before] if before else [])]}
        sealed = {number for number, _leaf in self.places}
        horizon = self.anchors[-1].horizon
        lost = [
            (number, text)
            for number, text in self.facts.items()
            if number not in sealed and int(json.loads(text)["txid"]) < horizon
        ]
        manifest = {"format": verifier.FORMAT, "from": first, "to": last, "made_at": self.now}
        peaks = before.peaks if before else b""
        return {
            "manifest.json": canonical_json(manifest).encode(),
            "anchors.jsonl": lines(anchor.line() for anchor in chosen),
            "earlier.jsonl": lines(earlier[number].line() for number in sorted(earlier)),
            "peaks.json": json.dumps(
                [peaks[at : at + 32].hex() for at in range(0, len(peaks), 32)]
            ).encode(),
            "facts.jsonl": lines(self.facts.get(number, "") for number, _leaf in rows),
            "leaves.bin": b"".join(leaf for _number, leaf in rows),
            "numbers.bin": b"".join(number.to_bytes(8, "big") for number, _leaf in rows),
            "strays.jsonl": lines(
                canonical_json({"fact": number, "content": text}) for number, text in lost
            ),
        }


def leaf_of(text: str) -> bytes:
    """Return the leaf of a fact."""
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def lines(each: Iterable[str]) -> bytes:
    """Join lines."""
    return "".join(f"{text}\n" for text in each).encode()


def packed(members: dict[str, bytes]) -> io.BytesIO:
    """Return the bundle's file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    made.seek(0)
    return made
