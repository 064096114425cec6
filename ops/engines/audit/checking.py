"""Checking the seals where they stand: rows, leaves, trees, signatures, and the copies outside.

The same functions that check a bundle elsewhere check the database here. What only an outsider can
do, compare with copies the database's administrator cannot reach, is done with the places we know.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

from ops.engines.audit import anchors, places, signing
from ops.engines.audit.models import Anchor, Leaf
from ops.engines.audit.selectors import Placed, placed_facts, strays
from ops.engines.audit.verifier import verify_bundle as verifier
from ops.engines.audit.verifier.verify_bundle import Finding, Verdict

MOST_STRAYS: Final = 10_000
_AT_ONCE: Final = 2_000
_EVER: Final = dt.datetime.max.replace(tzinfo=dt.UTC)


def differences() -> list[str]:
    """Return every difference between the trail as it stands and as it was sealed, one a line."""
    return [str(found) for found in findings()]


def findings() -> list[Finding]:
    """Check every leaf, tree, signature and outside copy; return what is wrong, in no one's favour.

    Reads the whole trail once, at constant memory but for the anchors.
    """
    verdict = Verdict()
    sealed = [verifier.read_anchor(anchors.line_of(each)) for each in _all_anchors()]
    _check_signatures(sealed, verdict)
    _check_copies(sealed, verdict)
    _check_rows(sealed, verdict)
    horizon = int(sealed[-1].horizon) if sealed else 0
    for fact in strays(horizon=horizon, most=MOST_STRAYS):
        verdict.add("stray", f"fact {fact.id} ({fact.action}) stands outside the sealed sequence")
    return verdict.findings


def trusted() -> list[bytes]:
    """Return the public keys this installation trusts: beside the copies, and in its own ring.

    Raises Unreadable.
    """
    return [*places.public_keys(), *(signer.public for signer in signing.ring().values())]


def _all_anchors() -> Iterator[Anchor]:
    return Anchor.objects.order_by("id").iterator(chunk_size=_AT_ONCE)


def _check_signatures(sealed: Sequence[verifier.Anchor], verdict: Verdict) -> None:
    if not sealed:
        return
    try:
        keys = verifier.trusted_keys(trusted(), sealed)
    except verifier.Unreadable as error:
        verdict.add("key", f"a public key cannot be read: {error}")
        return
    if not keys:
        verdict.add("key", "no public key lies beside the copies: no signature can be checked")
        return
    verifier.check_chain(sealed, before=None, keys=keys, verdict=verdict)


def _check_copies(sealed: Sequence[verifier.Anchor], verdict: Verdict) -> None:
    for place in places.directories():
        try:
            copies = places.copied(place)
        except (verifier.Unreadable, OSError) as error:
            verdict.add("outside", f"the copies in {place} cannot be read: {error}")
            continue
        found = Verdict()
        verifier.check_outside(sealed, copies, until=_EVER, before=None, verdict=found)
        if len(copies) < len(sealed):
            found.add("outside", f"{len(sealed) - len(copies)} anchors were never copied")
        verdict.findings += [
            Finding(each.code, f"{place}: {each.text}", each.window) for each in found.findings
        ]


def _check_rows(sealed: Sequence[verifier.Anchor], verdict: Verdict) -> None:
    facts = verifier.FactLines(_lines(verdict))
    is_whole = verifier.check_facts(
        sealed,
        before=None,
        tree=verifier.Tree(),
        facts=facts,
        sealed=_StoredLeaves(),
        verdict=verdict,
    )
    if is_whole and facts.take(1):
        verdict.add("extra", "leaves stand after those of the last anchor")


def _lines(verdict: Verdict) -> Iterator[list[bytes]]:
    """Yield the facts' lines place by place; what the rows say of themselves is checked aside."""
    expected = 0
    for block in placed_facts():
        lines: list[bytes] = []
        for placed in block:
            if placed.place != expected:
                verdict.add("leaf", f"places {expected + 1} to {placed.place} hold no leaf")
                lines += [b""] * (placed.place - expected)
            expected = placed.place + 1
            lines.append((placed.content or "").encode())
            _check_own_leaf(placed, lines[-1], verdict)
        yield lines


def _check_own_leaf(placed: Placed, line: bytes, verdict: Verdict) -> None:
    (leaf,) = verifier.leaves_of([line])
    if placed.content is not None and placed.own_leaf != leaf:
        verdict.add("row", f"fact {placed.fact_id} does not have the hash in its own row")


class _StoredLeaves(verifier.SealedLeaves):
    """The leaves the sealer wrote, read from the database a stretch at a time."""

    def __init__(self) -> None:
        super().__init__(b"", b"", 0)

    def leaves(self, begin: int, end: int) -> list[bytes]:
        """Return the sealed leaves of places begin to end."""
        rows = Leaf.objects.filter(id__gte=begin, id__lt=end).order_by("id")
        return [bytes(leaf) for leaf in rows.values_list("leaf", flat=True)]

    def number(self, place: int) -> int:
        """Return the number of the fact at a place."""
        return Leaf.objects.filter(id=place).values_list("fact_id", flat=True).first() or 0
