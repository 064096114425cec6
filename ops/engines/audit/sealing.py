"""Sealing: facts whose order can no longer change get their places, and an anchor over all.

Only the sealer's own role writes here. A fact carries the id of its transaction. When the oldest
transaction still running has the id H, every transaction below H has ended: its facts are all
visible, and no other can join them. A seal therefore takes the transactions from the last seal's H
up to this one's, in the order (transaction, number). A transaction that stays open holds H back,
whatever others commit meanwhile: its facts are never lost, and never slip in before sealed ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connections, transaction
from django.utils.translation import gettext_lazy as _

from ops.engines.audit import anchors, places, signing
from ops.engines.audit import services as audit
from ops.engines.audit.errors import ChainBroken, CopyFailed, KeyMissing, SealerElsewhere
from ops.engines.audit.merkle import Tree
from ops.engines.audit.models import Anchor, Leaf
from ops.engines.audit.signing import Signer
from ops.engines.audit.types import KeyInfo, Sealed
from ops.engines.audit.verifier.verify_bundle import is_signed, key_id_of
from ops.engines.kernel.actor import Actor

ALIAS: Final = "sealer"
NO_ANCHOR: Final = bytes(32)
_ONE_SEALER = "SELECT pg_try_advisory_xact_lock(hashtextextended('guifan_audit_seal', 0))"
_HORIZON = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
_PLACE = """
INSERT INTO audit_leaf (id, fact_id, leaf)
SELECT %(first)s + row_number() OVER (ORDER BY txid, id) - 1, id, leaf
  FROM audit_fact WHERE txid >= %(since)s::text::xid8 AND txid < %(horizon)s::text::xid8
"""


def seal(*, at: datetime) -> Sealed:
    """Seal what is ready and copy every anchor outside; without new facts no anchor is made.

    Raises SealerElsewhere, KeyMissing, ChainBroken (what is there does not fit: nothing is added to
    it), CopyFailed (sealed, but a place could not be written; the next seal tries again).
    """
    return _sealed(None, at=at)


def rotate_key(*, actor: Actor, at: datetime) -> KeyInfo:
    """Hand over to another key by an anchor that both sign, and destroy the old private key.

    The new key is one of AUDIT_SIGNING_KEY that never signed, else it is made. Raises as `seal`
    does, and KeyMissing before the first anchor.
    """
    if not seal(at=at).number:
        raise KeyMissing("audit.nothing_sealed", _("Nothing is sealed yet: no key to hand over."))
    used = set(Anchor.objects.using(ALIAS).values_list("key_id", flat=True).distinct())
    fresh = [signer for key, signer in signing.ring().items() if key not in used]
    following = fresh[-1] if fresh else signing.make()
    with transaction.atomic():
        body = {"key": following.id}
        audit.record(actor=actor, at=at, action="audit.key_rotated", body=body)
    _sealed(following, at=at)
    return KeyInfo(key_id=following.id, public_pem=signing.public_pem(following.public))


def current_key() -> KeyInfo:
    """Return the public key that signs the next anchor. Raises KeyMissing, SealerElsewhere."""
    _require_sealer()
    last = Anchor.objects.using(ALIAS).order_by("-id").first()
    signer = signing.signer_for(_key_of(last))
    return KeyInfo(key_id=signer.id, public_pem=signing.public_pem(signer.public))


def _require_sealer() -> None:
    if not settings.IS_SEALER:
        raise SealerElsewhere(
            "audit.sealer_elsewhere",
            _("This process does not seal: the worker does, every minute."),
        )


def _sealed(following: Signer | None, *, at: datetime) -> Sealed:
    _require_sealer()
    with transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
        cursor.execute(_ONE_SEALER)
        is_alone = cursor.fetchone()[0]
        last = Anchor.objects.using(ALIAS).order_by("-id").first()
        made = _seal_ready(last, following, at=at) if is_alone else _told(last, facts=0)
    if is_alone:
        if following is not None:
            signing.forget(made.key_id)
        _copy_outside()
    return made


def _seal_ready(last: Anchor | None, following: Signer | None, *, at: datetime) -> Sealed:
    signer = signing.signer_for(_key_of(last))
    _refuse_if_broken(last, signer)
    first = last.tree_size if last else 0
    horizon, facts = _place_facts(first, since=last.horizon if last else 0)
    if not facts and following is None:
        return _told(last, facts=0)
    tree = Tree.packed(first, bytes(last.peaks)) if last else Tree()
    tree.append(_new_leaves(first))
    anchor = Anchor(
        id=last.id + 1 if last else 1,
        first_leaf=first,
        tree_size=tree.size,
        root=tree.root(),
        previous=anchors.hash_of(last) if last else NO_ANCHOR,
        sealed_at=at,
        horizon=horizon,
        key_id=signer.id,
        next_key=following.public if following else None,
        peaks=b"".join(tree.peaks),
    )
    text = anchors.content_of(anchor)
    anchor.signature = signer.sign(text)
    anchor.next_signature = following.sign(text) if following else None
    anchor.save(using=ALIAS, force_insert=True)
    return _told(anchor, facts=facts)


def _place_facts(first: int, *, since: int) -> tuple[int, int]:
    """Give every fact that is ready its place; return the horizon and how many there were."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(_HORIZON)
        horizon = cursor.fetchone()[0]
        cursor.execute(_PLACE, {"first": first, "since": str(since), "horizon": horizon})
        return int(horizon), cursor.rowcount


def _told(anchor: Anchor | None, *, facts: int) -> Sealed:
    if anchor is None:
        return Sealed(number=0, facts=0, tree_size=0, root="", key_id="")
    return Sealed(
        number=anchor.id,
        facts=facts,
        tree_size=anchor.tree_size,
        root=bytes(anchor.root).hex(),
        key_id=anchor.key_id,
    )


def _key_of(last: Anchor | None) -> str:
    """Return the id of the key that signs after an anchor; "" before the first."""
    if last is None:
        return ""
    return key_id_of(bytes(last.next_key)) if last.next_key else last.key_id


def _new_leaves(first: int) -> Iterator[bytes]:
    found = Leaf.objects.using(ALIAS).filter(id__gte=first).order_by("id")
    for leaf in found.values_list("leaf", flat=True).iterator(chunk_size=20_000):
        yield bytes(leaf)


def _refuse_if_broken(last: Anchor | None, signer: Signer) -> None:
    """Check what the new anchor would stand on: its own signature, its tree, its outside copies."""
    for place in places.directories():
        try:
            copy = places.newest(place)
        except OSError:
            continue  # away for now; copying will say so
        if copy is None:
            continue
        kept = Anchor.objects.using(ALIAS).filter(id=copy.number).first()
        if kept is None or anchors.content_of(kept) != copy.text:
            raise ChainBroken(
                "audit.copy_differs",
                _("Anchor %(number)s copied to %(place)s is not in the database as it was copied.")
                % {"number": copy.number, "place": place},
            )
    if last is None:
        return
    tree = Tree.packed(last.tree_size, bytes(last.peaks))
    if tree.root() != bytes(last.root):
        raise ChainBroken(
            "audit.tree_differs", _("The newest anchor's tree is not the sealed one.")
        )
    if last.key_id == signer.id and not is_signed(
        signer.public, bytes(last.signature).hex(), anchors.content_of(last)
    ):
        raise ChainBroken("audit.unsigned", _("The newest anchor is not signed by our key."))


def _copy_outside() -> None:
    """Copy every anchor a place does not have yet; all places are tried before one is blamed."""
    failed: list[Path] = []
    last = Anchor.objects.using(ALIAS).order_by("-id").first()
    if last is None:
        return
    signer = signing.signer_for(_key_of(last))
    for place in places.directories():
        try:
            places.publish_key(place, signer.id, signer.public)
            newest = places.newest(place)
            missing = Anchor.objects.using(ALIAS).filter(id__gt=newest.number if newest else 0)
            lines = [anchors.line_of(each) for each in missing.order_by("id")]
            if lines:
                places.append(place, lines)
        except OSError:
            failed.append(place)
    if failed:
        raise CopyFailed(
            "audit.copy_failed",
            _("The anchor is sealed, but it could not be copied to %(places)s.")
            % {"places": ", ".join(map(str, failed))},
        )
