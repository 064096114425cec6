"""Banning goods from every shelf, and letting them back (CAT-4.3-05)."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import connection, transaction

from catalog.errors import bans as errors
from catalog.models import GoodsBan
from catalog.selectors import bans as selectors
from catalog.types.bans import BanInfo
from ops.engines.audit import services as audit
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

SUBJECT: Final = "catalog.product"
HANDLE: Final = may("catalog", "A", Role.COMPLIANCE_OFFICER)
# Whoever puts goods on a shelf holds it shared (trigger of the shelf), and sees the ban after it.
_ALONE: Final = "SELECT pg_advisory_xact_lock(hashtextextended('catalog.goodsban', 0))"


def ban(*, product_id: int, source: str, reason: str, actor: Actor, at: dt.datetime) -> BanInfo:
    """Ban a product from every channel; a ban that stands stays the one it is.

    Call it before what is on the shelf is taken off, in one transaction. Raises Forbidden,
    BadInput.
    """
    HANDLE.require(actor)
    words = parse.text(reason, most=400, least=2).strip()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_ALONE)
        made, is_new = GoodsBan.objects.get_or_create(
            product_id=product_id,
            lifted_at=None,
            defaults={
                "source": source,
                "reason": words,
                "banned_by": actor.person_id or 0,
                "banned_at": at,
            },
        )
        if is_new:
            _record("catalog.goods_banned", made, actor=actor, at=at, reason=words)
        return selectors.info(made)


def lift(*, product_id: int, reason: str, actor: Actor, at: dt.datetime) -> BanInfo:
    """Let goods back: they may be listed again, by the whole review.

    Raises Forbidden, BadInput, BanMissing, OwnBan (whoever banned them does not lift it).
    """
    HANDLE.require(actor)
    words = parse.text(reason, most=400, least=2).strip()
    with transaction.atomic():
        rows = GoodsBan.objects.select_for_update(of=("self",), no_key=True)
        found = rows.filter(product_id=product_id, lifted_at__isnull=True).first()
        if found is None:
            raise errors.BanMissing
        if found.banned_by == actor.person_id:
            raise errors.OwnBan
        found.lifted_by, found.lifted_at, found.lifted_why = actor.person_id or 0, at, words
        found.save(update_fields=["lifted_by", "lifted_at", "lifted_why"])
        _record("catalog.ban_lifted", found, actor=actor, at=at, reason=words)
        return selectors.info(found)


def _record(action: str, row: GoodsBan, *, actor: Actor, at: dt.datetime, reason: str) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=(SUBJECT, row.product_id),
        body={"ban": row.pk, "source": row.source, "reason": reason},
    )
