"""From business documents to vouchers: each document once, by its effect key (FIN-7.1-02)."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_noop

from customers.selectors import posting as documents
from customers.selectors.posting import DocumentAmounts, GiftPieces
from finance import rules
from finance.services import journal
from finance.types import EntryDraft, Posted
from inventory.choices import MoveReason
from inventory.selectors import values
from inventory.selectors.values import DocumentValue
from ops.engines.kernel.actor import Actor

ORDER, RETURN = "customers.order", "customers.return"
_SALE: Final = gettext_noop("Sale %(number)s")
_RETURN: Final = gettext_noop("Sales return %(number)s")
_GIFT: Final = gettext_noop("Gifts of promotion %(promotion)s: sale %(number)s")
_GIFT_BACK: Final = gettext_noop("Gifts of promotion %(promotion)s: sales return %(number)s")
_STOCK: Final = gettext_noop("Stock, %(reason)s: %(document)s %(id)s")
_DOCUMENTS: Final = {
    "inventory.receipt": gettext_noop("receipt no."),
    "inventory.shipment": gettext_noop("shipment no."),
    "inventory.goodsreturn": gettext_noop("goods return no."),
    "inventory.stockcount": gettext_noop("stock count no."),
    "inventory.history": gettext_noop("import no."),
}


def post_stock(
    *, source_type: str, source_ids: Collection[int], actor: Actor, at: dt.datetime
) -> Posted:
    """Book the value that stock documents moved, at the value fixed when stock was posted.

    Goods that only changed their place within our warehouses leave the books as they are.
    """
    moved = values.document_values(source_type=source_type, source_ids=source_ids)
    drafts = (_stock_entry(value) for value in moved if value.gain or value.loss)
    return journal.post(drafts, actor=actor, at=at)


def post_sales(
    *,
    order_days: dict[int, dt.date] | None = None,
    batch_id: int | None = None,
    actor: Actor,
    at: dt.datetime,
) -> Posted:
    """Book the revenue of shipped orders, on the day each was shipped.

    `order_days` maps order ids to their day; a batch of history keeps the orders' own days.
    """
    sold = documents.orders_for_posting(order_ids=order_days, batch_id=batch_id)
    return journal.post(_sale_entries(sold, order_days or {}), actor=actor, at=at)


def post_returns(
    *,
    return_days: dict[int, dt.date] | None = None,
    batch_id: int | None = None,
    actor: Actor,
    at: dt.datetime,
) -> Posted:
    """Book what is owed to buyers for accepted returns."""
    back = documents.returns_for_posting(return_ids=return_days, batch_id=batch_id)
    return journal.post(_return_entries(back, return_days or {}), actor=actor, at=at)


def post_gifts(*, order_days: dict[int, dt.date], actor: Actor, at: dt.datetime) -> Posted:
    """Book the cost of gifts that left with orders as an expense of their promotion (CAT-4.4-07).

    The cost is the one the goods left at, which the shipment booked as cost of sales.
    """
    given = documents.gifts_of_orders(order_ids=order_days)
    left = values.left_by_sku(source_type=ORDER, source_ids=order_days) if given else {}
    return journal.post(_gift_entries(given, left, order_days), actor=actor, at=at)


def post_gift_returns(*, return_days: dict[int, dt.date], actor: Actor, at: dt.datetime) -> Posted:
    """Book the cost of gifts that came back: the promotion did not spend it (CAT-4.4-07)."""
    back = documents.gifts_of_returns(return_ids=return_days)
    came = values.back_by_sku(source_type=RETURN, source_ids=return_days) if back else {}
    return journal.post(_gift_entries(back, came, return_days, is_back=True), actor=actor, at=at)


def _memo(sentence: str, **words: object) -> str:
    """Return a memo in the language of the house: books have one, whoever posts."""
    with translation.override(settings.LANGUAGE_CODE):
        return translation.gettext(sentence) % words


def _document(source_type: str) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return translation.gettext(_DOCUMENTS[source_type])


def _stock_entry(value: DocumentValue) -> EntryDraft:
    where = f"{value.source_type}:{value.source_id}"
    label = MoveReason(value.reason).label
    return EntryDraft(
        effect_key=f"stock:{where}:{value.business_day:%Y%m%d}:{value.reason}",
        business_day=value.business_day,
        source_type=value.source_type,
        source_id=str(value.source_id),
        memo=_memo(_STOCK, reason=label, document=_document(value.source_type), id=value.source_id),
        lines=rules.stock_value(value.reason, value.gain, value.loss),
    )


def _sale_entries(sold: list[DocumentAmounts], days: dict[int, dt.date]) -> Iterator[EntryDraft]:
    for order in sold:
        yield EntryDraft(
            effect_key=f"sale:{order.id}",
            business_day=days.get(order.id, order.business_day),
            source_type=ORDER,
            source_id=str(order.id),
            memo=_memo(_SALE, number=order.number),
            lines=rules.sale(order.total, order.tax, order.shipping),
            currency=order.currency,
        )


def _gift_entries(
    gifts: Sequence[GiftPieces],
    moved: Mapping[tuple[int, int], tuple[int, Decimal]],
    days: dict[int, dt.date],
    *,
    is_back: bool = False,
) -> Iterator[EntryDraft]:
    """Yield one voucher for each document and promotion."""
    kind, source = ("giftback", RETURN) if is_back else ("gift", ORDER)
    of = itertools.groupby(gifts, lambda gift: (gift.document_id, gift.promotion_id))
    for (document, promotion), group in of:
        mine = list(group)
        cost = sum((_cost(gift, moved) for gift in mine), Decimal(0))
        if not cost:
            continue
        told = {"promotion": mine[0].promotion, "number": mine[0].number}
        yield EntryDraft(
            effect_key=f"{kind}:{document}:{promotion}",
            business_day=days[document],
            source_type=source,
            source_id=str(document),
            memo=_memo(_GIFT_BACK if is_back else _GIFT, **told),
            lines=rules.gift_cost_back(cost) if is_back else rules.gift_cost(cost),
        )


def _cost(gift: GiftPieces, moved: Mapping[tuple[int, int], tuple[int, Decimal]]) -> Decimal:
    pieces, value = moved.get((gift.document_id, gift.sku_id), (0, Decimal(0)))
    return rules.part(value, gift.pieces, pieces) if pieces else Decimal(0)


def _return_entries(back: list[DocumentAmounts], days: dict[int, dt.date]) -> Iterator[EntryDraft]:
    for document in back:
        yield EntryDraft(
            effect_key=f"return:{document.id}",
            business_day=days.get(document.id, document.business_day),
            source_type=RETURN,
            source_id=str(document.id),
            memo=_memo(_RETURN, number=document.number),
            lines=rules.sale_return(document.total, document.tax, document.shipping),
            currency=document.currency,
        )
