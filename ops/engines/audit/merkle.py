"""The tree over all leaves (RFC 6962), grown at its right edge and known by its peaks alone.

The peaks are the roots of the perfect subtrees, the largest first, as the bits of the size say: 13
leaves have peaks over 8, 4 and 1. They are enough to append and to compute the root, so a seal
costs what is new, whatever the log holds already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

NODE_PREFIX = b"\x01"
WIDTH = 32


def node_of(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(NODE_PREFIX + left + right).digest()


@dataclass(slots=True)
class Tree:
    """A tree of `size` leaves."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    @classmethod
    def packed(cls, size: int, peaks: bytes) -> Tree:
        """Return the tree whose peaks were stored one after the other.

        Raises ValueError when they are not as many as the size has bits.
        """
        cut = [peaks[at : at + WIDTH] for at in range(0, len(peaks), WIDTH)]
        if len(cut) != size.bit_count() or len(peaks) % WIDTH:
            raise ValueError("these are not the peaks of a tree of this size")
        return cls(size, cut)

    def append(self, leaves: Iterable[bytes]) -> None:
        """Add leaves at the right."""
        for leaf in leaves:
            node, full = leaf, self.size
            while full & 1:
                node = node_of(self.peaks.pop(), node)
                full >>= 1
            self.peaks.append(node)
            self.size += 1

    def root(self) -> bytes:
        """Return the root; that of no leaves is the hash of nothing."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_of(peak, root)
        return root
