"""Customers and orders app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations
from ops.engines.kernel.policy import confine


class CustomersConfig(AppConfig):
    name = "customers"
    label = "customers"
    verbose_name = _("Customers and orders")

    def ready(self) -> None:
        from catalog import ports as goods
        from customers.selectors import baskets, before_sale, book, deals, ranges, replays
        from customers.services import people
        from inventory import ports
        from ops.engines.kernel.rewrapping import register_keyring

        goods.lowest_deals.fill(deals.lowest_deals)
        goods.channel_free.fill(before_sale.channel_free)
        goods.gift_stock.fill(before_sale.gift_stock)
        goods.used_by.fill(replays.users)
        goods.recent_orders.fill(replays.recent_orders)
        goods.order_links.fill(replays.order_links)
        ports.find_order.fill(book.find_source)
        goods.order_baskets.fill(baskets.order_baskets)
        goods.open_pieces.fill(baskets.open_pieces)
        goods.sold_skus.fill(ranges.sold_skus)
        goods.sku_sales.fill(ranges.sku_sales)
        register_keyring(people.KEYRING)
        confine("customers", "channel")
        load_declarations(self)
