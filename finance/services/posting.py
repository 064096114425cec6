"""From business documents to vouchers: each document once, by its effect key (FIN-7.1-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_noop

from customers.selectors import posting as documents
from customers.selectors.posting import DocumentAmounts
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
            lines=rules.sale(order.total, order.tax),
            currency=order.currency,
        )


def _return_entries(back: list[DocumentAmounts], days: dict[int, dt.date]) -> Iterator[EntryDraft]:
    for document in back:
        yield EntryDraft(
            effect_key=f"return:{document.id}",
            business_day=days.get(document.id, document.business_day),
            source_type=RETURN,
            source_id=str(document.id),
            memo=_memo(_RETURN, number=document.number),
            lines=rules.sale_return(document.total, document.tax),
            currency=document.currency,
        )
