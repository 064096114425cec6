#!/usr/bin/env python3
"""Check an audit bundle without the product that made it.

    python verify_bundle.py BUNDLE --key PUBKEY [--anchors OUTSIDE_FILE ...] [--from DAY] [--to DAY]

Nothing inside the bundle is trusted. Trusted are this file (keep your own copy), the public key
(a PEM file, or its 64 hex digits) and the anchors that were copied outside the database.

A fact's leaf is sha256(0x00 || its line in facts.jsonl); an inner node is sha256(0x01 || left ||
right) (RFC 6962). An anchor signs (Ed25519) the root over all leaves up to its size, and the hash
of the anchor before it. A bundle holds the anchors of some days, the anchor before them, the peaks
(the roots of the perfect subtrees) of the tree at that anchor, and every fact in between.

Exit 0: nothing is wrong. 1: something is, each finding on a line. 2: the bundle cannot be read.
Needs Python 3.10 and the package `cryptography`; no database, no network, no Django.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

FORMAT = "guifan-audit-bundle-1"
SIGNED_AS = b"guifan-anchor-v1\x00"
ZONE = dt.timezone(dt.timedelta(hours=8))  # business days are days of Shanghai
NOTHING = "0" * 64
FIELDS = frozenset(
    ("first", "horizon", "key", "next_key", "number", "previous", "root", "sealed_at", "size", "v")
)
CHUNK = 8 * 1024 * 1024
AT_ONCE = 65_536  # facts held at a time


class Unreadable(Exception):
    """The bundle, the key or the outside file has not the shape it must have."""


class Finding(NamedTuple):
    """One thing that is wrong, and between which moments it was sealed."""

    code: str
    text: str
    window: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.text}" + (f" [sealed {self.window}]" if self.window else "")


class Anchor(NamedTuple):
    """One anchor as it was signed; `text` is the canonical text of what was signed."""

    number: int
    first: int
    size: int
    root: str
    previous: str
    sealed_at: str
    horizon: str
    key: str
    next_key: str | None
    signature: str
    next_signature: str | None
    text: str

    @property
    def hash(self) -> str:
        """Return what the next anchor must cite."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def moment(self) -> dt.datetime:
        """Return when it was sealed."""
        return dt.datetime.fromisoformat(self.sealed_at)


@dataclass
class Verdict:
    """What was found and what was covered."""

    findings: list[Finding] = field(default_factory=list)
    facts: int = 0
    anchors: int = 0
    first_sealed: str = ""
    last_sealed: str = ""
    made_at: str = ""

    def add(self, code: str, text: str, window: str = "") -> None:
        """Enter one finding."""
        self.findings.append(Finding(code, text, window))


# --- Keys and anchors -----------------------------------------------------------------------------


def key_id_of(public: bytes) -> str:
    """Return the id of a public key: the first 16 hex digits of its sha256."""
    return hashlib.sha256(public).hexdigest()[:16]


def read_key(given: str) -> bytes:
    """Return the 32 raw bytes of a public key given as hex digits, or as a file of hex or PEM."""
    text = given
    if len(given) < 1024 and Path(given).is_file():
        text = Path(given).read_text(encoding="ascii", errors="replace")
    if "BEGIN PUBLIC KEY" in text:
        loaded = load_pem_public_key(text.encode())
        if not isinstance(loaded, Ed25519PublicKey):
            raise Unreadable("the key is not an Ed25519 key")
        return loaded.public_bytes(Encoding.Raw, PublicFormat.Raw)
    try:
        raw = bytes.fromhex(text.strip())
    except ValueError:
        raise Unreadable(f"no public key: {given}") from None
    if len(raw) != 32:
        raise Unreadable("a public key has 32 bytes")
    return raw


def is_signed(public: bytes, signature: str | None, text: str) -> bool:
    """Say whether the key signed the text of an anchor."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(
            bytes.fromhex(signature or ""), SIGNED_AS + text.encode()
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def read_anchor(line: str | bytes) -> Anchor:
    """Read one line of anchors.jsonl. Raises Unreadable."""
    try:
        told = json.loads(line)
        inner = told["anchor"]
        anchor = Anchor(
            **{name: inner[name] for name in FIELDS if name != "v"},
            signature=told["signature"],
            next_signature=told["next_signature"],
            text=json.dumps(inner, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        )
        is_sound = (
            set(told) == {"anchor", "signature", "next_signature"}
            and set(inner) == FIELDS
            and all(type(n) is int and n >= 0 for n in (anchor.number, anchor.first, anchor.size))
            and anchor.moment.tzinfo is not None
            and len(bytes.fromhex(anchor.root)) == 32
            and len(bytes.fromhex(anchor.next_key or "00" * 32)) == 32
        )
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable(f"an anchor cannot be read: {error}") from None
    if not is_sound:
        raise Unreadable("an anchor has other fields or values than anchors have")
    return anchor


def read_anchors(lines: Iterable[str | bytes]) -> list[Anchor]:
    """Read every line that is not empty. Raises Unreadable."""
    return [read_anchor(line) for line in lines if line.strip()]


def window_of(anchor: Anchor, before: Anchor | None) -> str:
    """Return between which moments an anchor's facts were sealed."""
    return f"{before.sealed_at if before else 'the beginning'} .. {anchor.sealed_at}"


def trusted_keys(given: Sequence[bytes], rotations: Sequence[Anchor]) -> dict[str, bytes]:
    """Return the given keys and those which a trusted key handed over to, by id.

    A rotation is an anchor signed by the old key that names the new one and carries its signature.
    """
    known = {key_id_of(public): public for public in given}
    for anchor in sorted(rotations, key=lambda each: each.number):
        if not anchor.next_key or anchor.key not in known:
            continue
        public = bytes.fromhex(anchor.next_key)
        if is_signed(known[anchor.key], anchor.signature, anchor.text) and is_signed(
            public, anchor.next_signature, anchor.text
        ):
            known[key_id_of(public)] = public
    return known


def check_chain(
    anchors: Sequence[Anchor], *, before: Anchor | None, keys: dict[str, bytes], verdict: Verdict
) -> None:
    """Check signatures, numbers, sizes, order and that each anchor cites the one before it."""
    if before is not None:
        _check_signature(before, None, keys, verdict)
    former = before
    for anchor in anchors:
        where = window_of(anchor, former)
        _check_signature(anchor, former, keys, verdict)
        expected = (former.number + 1, former.size, former.hash) if former else (1, 0, NOTHING)
        if (anchor.number, anchor.first, anchor.previous) != expected:
            verdict.add("chain", f"anchor {anchor.number} does not follow the one before it", where)
        elif anchor.size < anchor.first:
            verdict.add("chain", f"anchor {anchor.number} makes the tree smaller", where)
        elif former and anchor.moment < former.moment:
            verdict.add("chain", f"anchor {anchor.number} is older than the one before it", where)
        elif former and anchor.key != _next_key(former):
            verdict.add("key", f"anchor {anchor.number} changes its key without handover", where)
        former = anchor


def _next_key(anchor: Anchor) -> str:
    return key_id_of(bytes.fromhex(anchor.next_key)) if anchor.next_key else anchor.key


def _check_signature(
    anchor: Anchor, former: Anchor | None, keys: dict[str, bytes], verdict: Verdict
) -> None:
    where = window_of(anchor, former)
    if anchor.key not in keys:
        verdict.add("key", f"anchor {anchor.number} is signed by a key nobody trusts", where)
    elif not is_signed(keys[anchor.key], anchor.signature, anchor.text):
        verdict.add("signature", f"anchor {anchor.number} is not signed by its key", where)
    elif anchor.next_key and not is_signed(
        bytes.fromhex(anchor.next_key), anchor.next_signature, anchor.text
    ):
        verdict.add("signature", f"anchor {anchor.number} hands over to a key unproved", where)


def check_outside(
    anchors: Sequence[Anchor],
    outside: Sequence[Anchor],
    *,
    until: dt.datetime,
    before: Anchor | None,
    verdict: Verdict,
) -> None:
    """Compare with the anchors copied outside: the same line for each number, and none is absent.

    `until` is the moment up to which the bundle claims to be whole.
    """
    mine = {anchor.number: anchor for anchor in (*([before] if before else ()), *anchors)}
    low, high = min(mine, default=1), max(mine, default=0)
    seen: dict[int, Anchor] = {}
    for copied in outside:
        twin = seen.setdefault(copied.number, copied)
        if twin.text != copied.text:
            verdict.add("fork", f"two outside copies of anchor {copied.number} differ")
        kept = mine.get(copied.number)
        if kept is not None and (kept.text, kept.signature) != (copied.text, copied.signature):
            verdict.add(
                "outside",
                f"anchor {copied.number} is not the one copied outside",
                f"up to {copied.sealed_at}",
            )
        elif kept is None and copied.number > high and copied.moment <= until:
            verdict.add(
                "cut",
                f"anchor {copied.number} was copied outside and is absent here",
                f"up to {copied.sealed_at}",
            )
        elif kept is None and low <= copied.number <= high:
            verdict.add("cut", f"anchor {copied.number} is absent from the middle")
    for number in sorted(mine.keys() - seen.keys()):
        # A copy that goes on after an anchor must hold it; one that ended before cannot.
        if seen and min(seen) < number < max(seen):
            verdict.add(
                "outside", f"anchor {number} was never copied outside", mine[number].sealed_at
            )


# --- The tree -------------------------------------------------------------------------------------


class Tree:
    """A tree of leaves known by its peaks, the roots of its perfect subtrees, the largest first."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size, self.peaks = size, list(peaks)

    def copy(self) -> Tree:
        """Return another tree of the same leaves."""
        return Tree(self.size, self.peaks)

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaves at the right."""
        sha256, peaks, size = hashlib.sha256, self.peaks, self.size
        for leaf in leaves:
            node, bits = leaf, size
            while bits & 1:
                node = sha256(b"\x01" + peaks.pop() + node).digest()
                bits >>= 1
            peaks.append(node)
            size += 1
        self.size = size

    def root(self) -> str:
        """Return the root in hex digits."""
        if not self.peaks:
            return hashlib.sha256(b"").hexdigest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = hashlib.sha256(b"\x01" + peak + root).digest()
        return root.hex()

    def is_under(self, anchor: Anchor | None) -> bool:
        """Say whether an anchor (None: the beginning) signed exactly this tree."""
        if len(self.peaks) != self.size.bit_count():
            return False
        size, root = (anchor.size, anchor.root) if anchor else (0, Tree().root())
        return (self.size, self.root()) == (size, root)


def leaves_of(lines: Iterable[bytes]) -> list[bytes]:
    """Return the leaf of each fact's line."""
    sha256 = hashlib.sha256
    return [sha256(b"\x00" + line).digest() for line in lines]


def check_facts(
    anchors: Sequence[Anchor],
    *,
    before: Anchor | None,
    tree: Tree,
    facts: FactLines,
    sealed: SealedLeaves,
    verdict: Verdict,
) -> bool:
    """Rebuild the tree over the facts and compare its root with each anchor.

    Where a root differs, the leaves kept beside the facts are tried: if they give the root, they
    are proved, and the facts that do not hash to them are named one by one. If they do not, the
    window is named, and nothing after it can be judged: then False is returned.
    """
    if not tree.is_under(before):
        verdict.add("proof", "the tree before the first fact is not the one its anchor signed")
        return False
    former = before
    for anchor in anchors:
        where = window_of(anchor, former)
        stretch = _Stretch(tree)
        verdict.facts += stretch.read(facts, sealed, anchor.size)
        if stretch.tree.is_under(anchor):
            tree, code, words = stretch.tree, "leaf", "has a leaf beside it that is not its own"
        elif stretch.told is not None and stretch.told.is_under(anchor):
            tree, code, words = stretch.told, "fact", ""
        else:
            verdict.add(
                "root",
                f"places {anchor.first + 1} to {anchor.size} of the sequence do not hold what"
                f" anchor {anchor.number} sealed; which fact is wrong cannot be told",
                where,
            )
            return False
        for place, number, said in stretch.suspects:
            verdict.add(code, f"fact {number} (place {place}) {words or said}", where)
        former = anchor
    return True


class _Stretch:
    """The facts of one anchor: the tree over them, and over the leaves told beside them."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree.copy()
        self.told: Tree | None = None  # the same tree until a leaf differs
        self.suspects: list[tuple[int, int, str]] = []

    def read(self, facts: FactLines, sealed: SealedLeaves, end: int) -> int:
        """Read the facts up to a place of the sequence; return how many there were."""
        count = 0
        for place in range(self.tree.size, end, AT_ONCE):
            upto = min(place + AT_ONCE, end)
            lines = facts.take(upto - place)
            leaves, told = leaves_of(lines), sealed.leaves(place, upto)
            count += len(lines)
            if not lines and not told:
                break
            if self.told is None and b"".join(leaves) != b"".join(told):
                self.told = self.tree.copy()
            if self.told is not None:
                self.told.extend(told)
                self._suspect(place, lines, leaves, told, sealed)
            self.tree.extend(leaves)
        return count

    def _suspect(
        self,
        place: int,
        lines: Sequence[bytes],
        leaves: Sequence[bytes],
        told: Sequence[bytes],
        sealed: SealedLeaves,
    ) -> None:
        for offset, leaf in enumerate(told):
            if offset < len(leaves) and leaves[offset] == leaf:
                continue
            is_gone = offset >= len(lines) or not lines[offset]
            said = "is gone" if is_gone else f"was changed; it now says {_said(lines[offset])}"
            self.suspects.append((place + offset + 1, sealed.number(place + offset), said))


def _said(line: bytes) -> str:
    try:
        fact = json.loads(line)
        return f"{fact['action']} by {fact['actor_name']} at {fact['at']}"
    except (ValueError, KeyError, TypeError):
        return "nothing readable"


class FactLines:
    """Facts as lines, handed out in order, a stretch at a time; they come in blocks."""

    def __init__(self, blocks: Iterator[list[bytes]]) -> None:
        self._blocks = blocks
        self._held: list[bytes] = []
        self._at = 0

    def take(self, count: int) -> list[bytes]:
        """Return the next lines, fewer when there are no more."""
        taken: list[bytes] = []
        while count > len(taken):
            if self._at >= len(self._held):
                block = next(self._blocks, None)
                if block is None:
                    break
                self._held, self._at = block, 0
            part = self._held[self._at : self._at + count - len(taken)]
            self._at += len(part)
            taken += part
        return taken


def _blocks(source: Any) -> Iterator[list[bytes]]:
    rest = b""
    while chunk := source.read(CHUNK):
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        yield lines
    if rest:
        yield [rest]


class SealedLeaves:
    """leaves.bin and numbers.bin: each place's leaf as sealed, and which fact stands there."""

    def __init__(self, leaves: bytes, numbers: bytes, first: int) -> None:
        self._leaves, self._numbers, self._first = leaves, numbers, first

    def leaves(self, begin: int, end: int) -> list[bytes]:
        """Return the leaves told for places begin to end, counted from nought."""
        data = self._leaves[(begin - self._first) * 32 : (end - self._first) * 32]
        return [data[at : at + 32] for at in range(0, len(data), 32)]

    def number(self, place: int) -> int:
        """Return the number of the fact that is told to stand at a place."""
        at = (place - self._first) * 8
        return int.from_bytes(self._numbers[at : at + 8], "big")


# --- The bundle -----------------------------------------------------------------------------------


def verify(
    bundle: str | BinaryIO,
    *,
    keys: Sequence[bytes],
    outside: Sequence[Anchor] = (),
    first_day: str = "",
    last_day: str = "",
) -> Verdict:
    """Check a bundle (a path or an open file) and return the verdict. Raises Unreadable."""
    verdict = Verdict()
    try:
        with zipfile.ZipFile(bundle) as archive:
            _verify(
                archive,
                keys=keys,
                outside=outside,
                first_day=first_day,
                last_day=last_day,
                verdict=verdict,
            )
    except (zipfile.BadZipFile, zipfile.LargeZipFile, KeyError, OSError, EOFError) as error:
        raise Unreadable(f"the bundle cannot be read: {error}") from None
    except (ValueError, TypeError, NotImplementedError, RuntimeError) as error:
        raise Unreadable(f"the bundle is not one: {error}") from None
    return verdict


def _verify(
    archive: zipfile.ZipFile,
    *,
    keys: Sequence[bytes],
    outside: Sequence[Anchor],
    first_day: str,
    last_day: str,
    verdict: Verdict,
) -> None:
    names = archive.namelist()
    if len(set(names)) != len(names):
        verdict.add("bundle", "a file stands in the bundle twice")
    manifest = json.loads(archive.read("manifest.json"))
    if manifest["format"] != FORMAT:
        raise Unreadable(f"not a bundle of this format: {manifest['format']}")
    anchors = read_anchors(archive.read("anchors.jsonl").splitlines())
    earlier = read_anchors(archive.read("earlier.jsonl").splitlines())
    before = next((a for a in earlier if anchors and a.number == anchors[0].number - 1), None)
    verdict.made_at, verdict.anchors = str(manifest["made_at"]), len(anchors)
    known = trusted_keys(keys, [*earlier, *anchors, *outside])
    _check_cover(anchors, before, first_day or manifest["from"], verdict)
    check_chain(anchors, before=before, keys=known, verdict=verdict)
    end = _day(last_day or manifest["to"]) + dt.timedelta(days=1)
    made = dt.datetime.fromisoformat(verdict.made_at)
    for copied in outside:
        if copied.key not in known or not is_signed(
            known[copied.key], copied.signature, copied.text
        ):
            verdict.add("outside", f"the outside copy of anchor {copied.number} is not signed")
    check_outside(
        anchors,
        outside,
        until=end if last_day else min(end, made),
        before=before,
        verdict=verdict,
    )
    if anchors:
        verdict.first_sealed = before.sealed_at if before else anchors[0].sealed_at
        verdict.last_sealed = anchors[-1].sealed_at
    with archive.open("facts.jsonl") as opened:
        facts = FactLines(_blocks(opened))
        first = before.size if before else 0
        is_whole = check_facts(
            anchors,
            before=before,
            tree=Tree(first, map(bytes.fromhex, json.loads(archive.read("peaks.json")))),
            facts=facts,
            sealed=SealedLeaves(
                archive.read("leaves.bin"),
                archive.read("numbers.bin"),
                first,
            ),
            verdict=verdict,
        )
        if is_whole and facts.take(1):
            verdict.add("extra", "facts stand after those of the last anchor")
    for line in archive.read("strays.jsonl").splitlines():
        stray = json.loads(line)
        verdict.add(
            "stray",
            f"fact {stray['fact']} stands in the database and not in the sealed sequence:"
            f" {_said(stray['content'].encode())}",
        )


def _check_cover(
    anchors: Sequence[Anchor], before: Anchor | None, first_day: str, verdict: Verdict
) -> None:
    if not anchors:
        verdict.add("empty", "the bundle holds no anchor, so nothing in it is proved")
    elif before is None and anchors[0].number != 1:
        verdict.add("cut", f"the anchor before {anchors[0].number} is absent")
    elif before is not None and before.moment > _day(first_day):
        verdict.add("cut", f"the bundle begins at {before.sealed_at}, after {first_day} began")


def _day(text: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), ZONE)


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Check an audit bundle.")
    parser.add_argument("bundle")
    parser.add_argument("--key", required=True, action="append", help="public key: file or hex")
    parser.add_argument("--anchors", action="append", default=[], help="copy kept outside")
    parser.add_argument("--from", dest="first", default="", help="the day you asked from")
    parser.add_argument("--to", dest="last", default="", help="the day you asked up to")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    try:
        outside: list[Anchor] = []
        for path in options.anchors:
            with Path(path).open("rb") as handle:
                outside += read_anchors(handle)
        verdict = verify(
            options.bundle,
            keys=[read_key(given) for given in options.key],
            outside=outside,
            first_day=options.first,
            last_day=options.last,
        )
    except (Unreadable, OSError, ValueError) as error:
        print(f"unreadable: {error}", file=sys.stderr)
        return 2
    _tell(verdict, outside, as_json=options.json)
    return 1 if verdict.findings else 0


def _tell(verdict: Verdict, outside: Sequence[Anchor], *, as_json: bool) -> None:
    if as_json:
        told = {**vars(verdict), "findings": [found._asdict() for found in verdict.findings]}
        print(json.dumps({"equal": not verdict.findings, **told}, ensure_ascii=False))
        return
    print(f"made {verdict.made_at}; {verdict.facts} facts under {verdict.anchors} anchors")
    print(f"sealed after {verdict.first_sealed or '-'}, up to {verdict.last_sealed or '-'}")
    if not outside:
        print("no outside anchors given: a whole log rebuilt with the true key would pass")
    for found in verdict.findings:
        print(found)
    print(f"{len(verdict.findings)} findings" if verdict.findings else "intact")


if __name__ == "__main__":
    sys.exit(main())
