"""Which goods a rule reaches: a selection, and an index that finds the rules of a basket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from catalog.rules.promotions.fields import Fields, pieces
from catalog.rules.promotions.rules import Goods
from ops.engines.kernel import parse


def read_goods(fields: Fields) -> Goods:
    """Read a selection; an empty object is everything. Raises BadInput."""
    goods = Goods(
        skus=frozenset(fields.many("skus", pieces)),
        categories=fields.many("categories", parse.code, most=500),
        except_skus=frozenset(fields.many("except_skus", pieces)),
        except_categories=fields.many("except_categories", parse.code, most=500),
    )
    fields.close()
    if goods.skus & goods.except_skus:
        raise fields.refuse("except_skus", _("A SKU is selected and left out at once."))
    return goods


def branches(path: str) -> Iterable[str]:
    """Return a category path and every branch above it: "a.b.c", "a.b", "a"."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def selects(goods: Goods, sku_id: int, category: str) -> bool:
    """Say whether a SKU of a category is among the goods; exceptions win."""
    if sku_id in goods.except_skus or _under(category, goods.except_categories):
        return False
    if goods.is_everything or sku_id in goods.skus:
        return True
    return _under(category, goods.categories)


def _under(category: str, tops: tuple[str, ...]) -> bool:
    return any(category == top or category.startswith(top + ".") for top in tops)


@dataclass(frozen=True, slots=True)
class GoodsIndex:
    """Rule places by SKU, by category branch, and those that reach everything."""

    by_sku: Mapping[int, frozenset[int]]
    by_branch: Mapping[str, frozenset[int]]
    everywhere: frozenset[int]

    def places(self, sku_id: int, category: str) -> set[int]:
        """Return the places of the rules that may reach a SKU (exceptions not yet looked at)."""
        found = set(self.everywhere)
        found |= self.by_sku.get(sku_id, frozenset())
        for branch in branches(category):
            found |= self.by_branch.get(branch, frozenset())
        return found


def index(selections: Iterable[Goods]) -> GoodsIndex:
    """Return the index of selections by their place."""
    by_sku: dict[int, set[int]] = {}
    by_branch: dict[str, set[int]] = {}
    everywhere: set[int] = set()
    for place, goods in enumerate(selections):
        if goods.is_everything:
            everywhere.add(place)
        for sku_id in goods.skus:
            by_sku.setdefault(sku_id, set()).add(place)
        for branch in goods.categories:
            by_branch.setdefault(branch, set()).add(place)
    return GoodsIndex(
        {key: frozenset(places) for key, places in by_sku.items()},
        {key: frozenset(places) for key, places in by_branch.items()},
        frozenset(everywhere),
    )
