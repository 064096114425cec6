"""Dividing an amount to the cent: in proportion, largest remainder first, never past a limit."""

from __future__ import annotations

from collections.abc import Sequence


def in_proportion(total: int, weights: Sequence[int]) -> list[int]:
    """Divide cents by weights; the parts sum to the total, ties go to the earlier part.

    Without any weight nothing is divided: all parts are zero.
    """
    whole = sum(weights)
    if whole <= 0 or total <= 0:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    missing = total - sum(shares)
    if missing:
        by_remainder = sorted(range(len(weights)), key=lambda i: -(total * weights[i] % whole))
        for place in by_remainder[:missing]:
            shares[place] += 1
    return shares


def within(
    total: int, weights: Sequence[int], limits: Sequence[int], *, shift: bool
) -> tuple[list[int], bool]:
    """Divide cents by weights, no part beyond its limit; say whether a limit held.

    With `shift` what one part can't take goes to the others in the same proportion, as long as
    they have room; without it that is lost. The answer sums to at most `total`.
    """
    shares = in_proportion(total, weights)
    held = False
    while True:
        over = 0
        for place, limit in enumerate(limits):
            if shares[place] > limit:
                over += shares[place] - limit
                shares[place] = limit
        if not over:
            return shares, held
        held = True
        if not shift:
            return shares, held
        open_weights = [
            weight if share < limit else 0
            for weight, share, limit in zip(weights, shares, limits, strict=True)
        ]
        if not any(open_weights):
            return shares, held
        extra = in_proportion(over, open_weights)
        shares = [share + more for share, more in zip(shares, extra, strict=True)]
