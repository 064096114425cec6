"""What documents take of promotions: all they want or nothing, never beyond a cap, and back.

The ledger of uses is append-only; its trigger keeps the counters and refuses what passes a cap.
Here the counters are locked first, so that of many who want the last pieces each gets an answer
and nobody an error. Locks: coupons, counters, buyers, each ascending.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal

from django.db import IntegrityError, connection, transaction

from catalog.errors import promotions as errors
from catalog.rules import coupon_codes
from catalog.types.promotions import Consumption, UseRefused, UseWanted
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash

OnRefusal = Literal["raise", "report"]
Source = tuple[str, int]

# What the database says when a cap was reached, or a promotion paused, since it was looked at.
_TAKEN_MEANWHILE: Final = (
    "promotioncounter_",
    "promotionbuyer_",
    "coupon_never_used_beyond_its_limit",
    "promotionuse_while_live",
)

_TAKEN: Final = """
SELECT u.effect_key, EXISTS (SELECT 1 FROM catalog_promotionuse b WHERE b.reverses_id = u.id)
  FROM catalog_promotionuse u WHERE u.effect_key = ANY(%(keys)s)
"""
_COUPONS: Final = """
SELECT id, code, promotion_id, buyer_key, uses, uses_limit
  FROM catalog_coupon WHERE code = ANY(%(codes)s) ORDER BY id FOR NO KEY UPDATE
"""
_MAKE_COUNTERS: Final = """
INSERT INTO catalog_promotioncounter (promotion_id, uses, pieces, gift_pieces, amount)
SELECT p.id, 0, 0, 0, 0 FROM catalog_promotion p WHERE p.id = ANY(%(promotions)s)
 ORDER BY p.id ON CONFLICT DO NOTHING
"""
_COUNTERS: Final = """
SELECT promotion_id, uses, pieces, gift_pieces, amount,
       uses_limit, pieces_limit, gift_limit, budget
  FROM catalog_promotioncounter WHERE promotion_id = ANY(%(promotions)s)
 ORDER BY promotion_id FOR NO KEY UPDATE
"""
_MAKE_BUYERS: Final = """
INSERT INTO catalog_promotionbuyer (promotion_id, buyer_key, uses, pieces)
SELECT DISTINCT p.id, w.buyer, 0, 0
  FROM unnest(%(of)s::bigint[], %(buyers)s::text[]) AS w(promotion, buyer)
  JOIN catalog_promotion p ON p.id = w.promotion
 WHERE w.buyer <> '' ORDER BY 1, 2 ON CONFLICT DO NOTHING
"""
_BUYERS: Final = """
SELECT b.promotion_id, b.buyer_key, b.uses, b.pieces, b.uses_limit, b.pieces_limit
  FROM catalog_promotionbuyer b
 WHERE (b.promotion_id, b.buyer_key) IN (
       SELECT * FROM unnest(%(of)s::bigint[], %(buyers)s::text[]))
 ORDER BY b.promotion_id, b.buyer_key FOR NO KEY UPDATE
"""
_LIVE: Final = """
SELECT p.id, p.number, p.coupon_mode,
       (p.rule #>> '{caps,buyer_uses}' IS NOT NULL
        OR p.rule #>> '{caps,pieces_per_buyer}' IS NOT NULL),
       EXISTS (SELECT 1 FROM catalog_promotionrun r
                WHERE r.promotion_id = p.id AND r.valid @> %(at)s::timestamptz)
  FROM catalog_promotion p WHERE p.id = ANY(%(promotions)s)
"""
_WRITE: Final = """
INSERT INTO catalog_promotionuse (promotion_id, coupon_id, source_type, source_id, buyer_key,
       times, pieces, gift_pieces, amount, effect_key, at)
SELECT w.*, %(at)s FROM unnest(
       %(promotions)s::bigint[], %(coupons)s::bigint[], %(types)s::text[], %(ids)s::bigint[],
       %(buyers)s::text[], %(times)s::int[], %(pieces)s::bigint[], %(gifts)s::bigint[],
       %(amounts)s::numeric[], %(keys)s::text[]) AS w
"""
# The same order of rows for everybody; what somebody else took back meanwhile is left alone.
_TAKE_BACK: Final = """
INSERT INTO catalog_promotionuse (promotion_id, coupon_id, source_type, source_id, buyer_key,
       times, pieces, gift_pieces, amount, effect_key, reverses_id, at)
SELECT u.promotion_id, u.coupon_id, u.source_type, u.source_id, u.buyer_key, -u.times, -u.pieces,
       -u.gift_pieces, -u.amount, 'back:' || u.id, u.id, %(at)s
  FROM catalog_promotionuse u
 WHERE (u.source_type, u.source_id) IN (
       SELECT * FROM unnest(%(types)s::text[], %(ids)s::bigint[]))
   AND u.reverses_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM catalog_promotionuse b WHERE b.reverses_id = u.id)
 ORDER BY u.id
ON CONFLICT DO NOTHING
RETURNING source_type, source_id
"""


def consume(
    *, wanted: Sequence[UseWanted], on_refusal: OnRefusal = "raise", actor: Actor, at: datetime
) -> Consumption:
    """Take what documents want of promotions, in the order given; needs no second statement.

    A document gets all of its wishes or none; whoever comes later gets what is left. A wish that
    was fulfilled before is answered as taken and has no second effect; one that was given back
    does not come again. With "raise" the first refusal raises UsedUp and nothing is taken. Works
    inside the caller's transaction.
    """
    if not wanted:
        return Consumption(taken=(), refused=())
    with transaction.atomic():
        before = _taken(wanted)
        fresh = [wish for wish in wanted if before.get(_key(wish)) is not False]
        shelf = _Shelf.locked(fresh, back={key for key, gone in before.items() if gone}, at=at)
        granted, refused = shelf.allot(fresh)
        if refused and on_refusal == "raise":
            raise errors.UsedUp(number=refused[0].number, why=refused[0].why)
        if granted:
            _write(granted, {code: one.id for code, one in shelf.coupons.items()}, at=at)
            _record("catalog.promotions_used", [wish.source for wish in granted], actor, at)
        lost = {refusal.source for refusal in refused}
        taken = dict.fromkeys(wish.source for wish in wanted if wish.source not in lost)
        return Consumption(taken=tuple(taken), refused=tuple(refused))


def take(*, wanted: Sequence[UseWanted], coupons: Mapping[str, int], at: datetime) -> None:
    """Take for new documents what was just seen to be there; one statement, all or nothing.

    `coupons` are the ids of the codes in the wishes. The database counts, and refuses what somebody
    else took in the same moment: that raises Overtaken, and the caller's savepoint undoes what
    this statement did. The fact of the documents themselves is the record.
    """
    try:
        _write(wanted, coupons, at=at)
    except IntegrityError as error:
        if any(name in str(error) for name in _TAKEN_MEANWHILE):
            raise errors.Overtaken from error
        raise


def release(*, sources: Sequence[Source], actor: Actor, at: datetime) -> int:
    """Give back what documents took of promotions (they were cancelled); idempotent.

    Coupons, caps and budgets are free again for others. Returns how many uses came back.
    """
    if not sources:
        return 0
    with transaction.atomic():
        values: dict[str, Any] = {
            "types": [kind for kind, _id in sources],
            "ids": [pk for _kind, pk in sources],
            "at": at,
        }
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_BACK, values)
            back = [(str(kind), int(pk)) for kind, pk in cursor.fetchall()]
        if back:
            _record("catalog.promotions_given_back", back, actor, at)
        return len(back)


@dataclass(slots=True)
class _Left:
    """What may still be taken; None is no limit."""

    uses: int | None
    pieces: int | None
    gifts: int | None = None
    budget: Decimal | None = None

    def lacks(self, wish: UseWanted) -> str:
        """Name the cap the wish would pass, or nothing."""
        pairs: tuple[tuple[str, Decimal | int | None, Decimal | int], ...] = (
            ("uses", self.uses, wish.times),
            ("pieces", self.pieces, wish.pieces),
            ("gifts", self.gifts, wish.gift_pieces),
            ("budget", self.budget, wish.amount),
        )
        return next((name for name, left, asks in pairs if left is not None and asks > left), "")

    def take(self, wish: UseWanted) -> None:
        """Count the wish."""
        self.uses = _less(self.uses, wish.times)
        self.pieces = _less(self.pieces, wish.pieces)
        self.gifts = _less(self.gifts, wish.gift_pieces)
        self.budget = None if self.budget is None else self.budget - wish.amount


@dataclass(slots=True)
class _Held:
    """A coupon as it is locked."""

    id: int
    promotion_id: int
    buyer_key: str
    left: int | None


@dataclass(slots=True)
class _Promo:
    """What of a promotion decides whether it may be used now."""

    number: str
    coupon_mode: str
    needs_buyer: bool
    is_live: bool


@dataclass(slots=True)
class _Shelf:
    """Coupons, counters and buyers of a batch of wishes, locked."""

    promotions: Mapping[int, _Promo]
    coupons: Mapping[str, _Held]
    counters: Mapping[int, _Left]
    buyers: Mapping[tuple[int, str], _Left]
    back: Set[str]

    @classmethod
    def locked(cls, wishes: Sequence[UseWanted], *, back: Set[str], at: datetime) -> _Shelf:
        """Lock what the wishes touch, in the order of the house."""
        ids = sorted({wish.promotion_id for wish in wishes})
        pairs = sorted({(w.promotion_id, w.buyer_key) for w in wishes if w.buyer_key})
        of: dict[str, Any] = {
            "of": [pair[0] for pair in pairs],
            "buyers": [pair[1] for pair in pairs],
        }
        codes = {_code(wish) for wish in wishes if wish.coupon}
        with connection.cursor() as cursor:
            coupons = {}
            if codes:
                cursor.execute(_COUPONS, {"codes": sorted(codes)})
                for pk, code, promotion, buyer, uses, most in cursor.fetchall():
                    left = None if most is None else most - uses
                    coupons[code] = _Held(pk, promotion, buyer, left)
            cursor.execute(_MAKE_COUNTERS, {"promotions": ids})
            cursor.execute(_COUNTERS, {"promotions": ids})
            counters = {row[0]: _left(row[1:5], row[5:]) for row in cursor.fetchall()}
            cursor.execute(_MAKE_BUYERS, of)
            cursor.execute(_BUYERS, of)
            buyers = {(row[0], row[1]): _left(row[2:4], row[4:]) for row in cursor.fetchall()}
            # Read last: whoever was waited for may have paused what is wanted.
            cursor.execute(_LIVE, {"promotions": ids, "at": at})
            promotions = {row[0]: _Promo(*row[1:]) for row in cursor.fetchall()}
        return cls(promotions, coupons, counters, buyers, back)

    def allot(self, wishes: Sequence[UseWanted]) -> tuple[list[UseWanted], list[UseRefused]]:
        """Grant document by document, in the order given; return granted and refused."""
        by_source: dict[Source, list[UseWanted]] = {}
        for wish in wishes:
            by_source.setdefault(wish.source, []).append(wish)
        granted: list[UseWanted] = []
        refused: list[UseRefused] = []
        for source, group in by_source.items():
            for wish in group:
                if why := self._refusal(wish):
                    found = self.promotions.get(wish.promotion_id)
                    number = found.number if found else ""
                    refused.append(
                        UseRefused(
                            source=source, promotion_id=wish.promotion_id, number=number, why=why
                        )
                    )
                    break
            else:
                for wish in group:
                    self._take(wish)
                granted += group
        return granted, refused

    def _refusal(self, wish: UseWanted) -> str:
        """Say why a wish can't be granted now, or nothing."""
        found = self.promotions.get(wish.promotion_id)
        if found is None or not found.is_live:
            return "not_live"
        if _key(wish) in self.back:
            return "given_back"
        if found.needs_buyer and not wish.buyer_key:
            return "buyer"
        if (found.coupon_mode != "none") != bool(wish.coupon) or not self._opens(wish):
            return "coupon"
        buyer = self.buyers.get((wish.promotion_id, wish.buyer_key))
        lacking = buyer.lacks(wish) if buyer else ""
        return self.counters[wish.promotion_id].lacks(wish) or (lacking and f"buyer_{lacking}")

    def _opens(self, wish: UseWanted) -> bool:
        """Say whether the coupon of a wish, if it has one, may be used by this buyer now."""
        if not wish.coupon:
            return True
        held = self.coupons.get(_code(wish))
        return (
            held is not None
            and held.promotion_id == wish.promotion_id
            and held.buyer_key in ("", wish.buyer_key)
            and held.left != 0
        )

    def _take(self, wish: UseWanted) -> None:
        self.counters[wish.promotion_id].take(wish)
        if wish.coupon:
            held = self.coupons[_code(wish)]
            held.left = _less(held.left, 1)
        buyer = self.buyers.get((wish.promotion_id, wish.buyer_key))
        if buyer:
            buyer.take(wish)


def _taken(wanted: Sequence[UseWanted]) -> dict[str, bool]:
    """Return the wishes fulfilled before, and whether each was given back since."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, {"keys": [_key(wish) for wish in wanted]})
        return dict(cursor.fetchall())


def _write(granted: Sequence[UseWanted], coupons: Mapping[str, int], *, at: datetime) -> None:
    rows = sorted(granted, key=lambda wish: (wish.promotion_id, wish.source))
    values: dict[str, Any] = {
        "promotions": [wish.promotion_id for wish in rows],
        "coupons": [coupons[_code(wish)] if wish.coupon else None for wish in rows],
        "types": [wish.source[0] for wish in rows],
        "ids": [wish.source[1] for wish in rows],
        "buyers": [wish.buyer_key for wish in rows],
        "times": [wish.times for wish in rows],
        "pieces": [wish.pieces for wish in rows],
        "gifts": [wish.gift_pieces for wish in rows],
        "amounts": [wish.amount for wish in rows],
        "keys": [_key(wish) for wish in rows],
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, values)


def _record(action: str, sources: Sequence[Source], actor: Actor, at: datetime) -> None:
    documents = list(dict.fromkeys(sources))
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=documents[0] if len(documents) == 1 else None,
        body={
            "documents": len(documents),
            "uses": len(sources),
            "documents_sha256": content_hash([f"{kind}:{pk}" for kind, pk in documents]),
        },
    )


def _key(wish: UseWanted) -> str:
    kind, pk = wish.source
    return f"{kind}:{pk}:{wish.promotion_id}:{_code(wish) if wish.coupon else ''}"


def _code(wish: UseWanted) -> str:
    return coupon_codes.normal(wish.coupon) or wish.coupon


def _left(used: Sequence[int | Decimal], limits: Sequence[int | Decimal | None]) -> _Left:
    left = [None if most is None else most - one for one, most in zip(used, limits, strict=True)]
    return _Left(*left)  # type: ignore[arg-type]


def _less(left: int | None, taken: int) -> int | None:
    return None if left is None else left - taken
