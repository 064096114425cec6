"""Buyers with names, phones and addresses, each text sealed under the buyer's own key."""

from __future__ import annotations

from random import Random
from typing import Final

from django.db import transaction

from customers.models import Customer
from customers.services import people
from customers.types import BuyerDraft
from ops.demo import names
from ops.demo.scene import Scene

PERSONAL: Final = 3_000  # of history's buyers; sealing costs time


def draft(draws: Random, code: str) -> tuple[BuyerDraft, str]:
    """Return a buyer with personal texts, and the region they live in."""
    region, address = names.address(draws)
    buyer = BuyerDraft(
        code=code, name=names.person(draws), phone=names.mobile(draws), address=address
    )
    return buyer, region


def make_personal(scene: Scene) -> int:
    """Give the first buyers of every channel their names back; return how many."""
    draws, done = scene.plan.draws("buyers"), 0
    for shop in scene.company.shops:
        known = Customer.objects.filter(channel_id=shop.id).order_by("code")
        codes = list(known.values_list("code", flat=True)[: round(PERSONAL * shop.share)])
        with transaction.atomic():
            people.buyers(
                [draft(draws, code)[0] for code in codes], channel_id=shop.id, at=scene.plan.at
            )
        done += len(codes)
    return done
