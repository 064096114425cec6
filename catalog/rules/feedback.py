"""The course of feedback, and what its words may not hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from catalog.choices.feedback import FeedbackStep as S
from catalog.choices.feedback import LifeKind

USUAL_DAYS: Final = 2
MOST_DAYS: Final = 30
MOST_TEXT: Final = 2000
MOST_REFERENCE: Final = 64
OPEN: Final = frozenset({S.NEW, S.TAKEN, S.REOPENED})
MOVES: Final = frozenset(
    {
        (S.NEW, S.TAKEN),
        (S.REOPENED, S.TAKEN),
        (S.TAKEN, S.TAKEN),
        (S.TAKEN, S.ANSWERED),
        (S.ANSWERED, S.CLOSED),
        (S.ANSWERED, S.REOPENED),
        (S.CLOSED, S.REOPENED),
    }
)
# A phone, identity or card number, a mail address; the database refuses the same.
REACHES: Final = (
    r"[^\s@]+@[^\s@]+\.[^\s@]+"
    r"|[0-9]{15,}"
    r"|(?<![0-9])1[3-9][0-9]([ -]?[0-9]){8}(?![0-9])"
    r"|(?<![0-9])0[0-9]{2,3}[ -]?[0-9]{7,8}(?![0-9])"
)
PHONE: Final = r"@|^(\+?86[ -]?)?1[3-9][0-9]{9}$"
# How a Chinese keyboard writes digits, the at sign, stop, dash and blank.
_NARROW: Final = {0xFF10 + n: 0x30 + n for n in range(10)} | {
    0xFF20: 0x40, 0xFF0E: 0x2E, 0xFF0D: 0x2D, 0x3000: 0x20,
}  # fmt: skip
_REACHES: Final = re.compile(REACHES)
_PHONE: Final = re.compile(PHONE)
_IDENTITY: Final = re.compile(
    r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]", re.ASCII
)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
# What an action of the audit trail belongs to, by how its name begins; the longest one counts.
_KINDS: Final[Mapping[str, LifeKind]] = {
    "catalog.product_owner": LifeKind.OWNER,
    "catalog.quality": LifeKind.QUALITY,
    "catalog.delist": LifeKind.DELISTING,
    "catalog.content": LifeKind.CONTENT,
}
_OBJECTS: Final[Mapping[str, LifeKind]] = {
    "catalog.product": LifeKind.GOODS,
    "catalog.sku": LifeKind.GOODS,
    "catalog.listing": LifeKind.LISTING,
    "catalog.listingtask": LifeKind.LISTING,
    "revisions.piece": LifeKind.LISTING,
    "catalog.delisting": LifeKind.DELISTING,
    "catalog.pricechange": LifeKind.PRICE,
    "catalog.offer": LifeKind.PRICE,
    "catalog.promotion": LifeKind.PROMOTION,
    "catalog.contenttask": LifeKind.CONTENT,
    "catalog.rangereview": LifeKind.RANGE,
    "catalog.rangedrop": LifeKind.RANGE,
    "catalog.selectionproposal": LifeKind.RANGE,
    "catalog.productfeedback": LifeKind.FEEDBACK,
}


def may_move(before: str, after: str) -> bool:
    """Say whether one step may follow another."""
    return (before, after) in MOVES


def reaches_person(text: str) -> bool:
    """Say whether words hold what reaches a person: a phone or identity number, a mail address."""
    return _REACHES.search(text.translate(_NARROW)) is not None


def names_person(reference: str) -> bool:
    """Say whether a reference is no number of a document but somebody's phone or identity."""
    if _PHONE.search(reference):
        return True
    return _IDENTITY.fullmatch(reference) is not None and _is_checked(reference)


def without_persons(text: str) -> str:
    """Return words a machine took in without what reaches a person."""
    return _REACHES.sub("…", text.translate(_NARROW))


def kind_of(action: str, object_type: str) -> LifeKind:
    """Return the part of a product's life that an action about an object belongs to."""
    for begins, kind in _KINDS.items():
        if action.startswith(begins):
            return kind
    return _OBJECTS.get(object_type, LifeKind.GOODS)


def actions_of(kind: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return which actions a kind names itself, which objects it tells, and what it leaves out."""
    own = tuple(begins for begins, each in _KINDS.items() if each == kind)
    objects = tuple(name for name, each in _OBJECTS.items() if each == kind)
    return own, objects, tuple(begins for begins, each in _KINDS.items() if each != kind)


def _is_checked(number: str) -> bool:
    """Say whether the last character of an identity number follows from the others."""
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == number[-1].upper()
