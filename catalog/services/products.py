"""Categories, products and SKUs, each under a code the house gives (CAT-4.1-01, CAT-4.1-02)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from catalog.choices.goods import ProductState, SkuKind
from catalog.errors import categories as shelf_errors
from catalog.errors import goods as errors
from catalog.models import Category, Channel, ExternalCode, Product, Sku
from catalog.rules.categories import Demands, read_values
from catalog.rules.coding import read_gtin
from catalog.selectors import categories as shelves
from catalog.selectors import selection
from catalog.services import categories, coding
from catalog.types.goods import CategoryInfo, ProductInfo, SkuInfo
from ops.engines.audit import services as audit
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.numbering import services as numbering


def create_category(
    *,
    name: str,
    parent_id: int | None = None,
    name_en: str = "",
    actor: Actor,
    at: datetime,
) -> CategoryInfo:
    """Add a shelf below another one (or at the root); its code is given by the house.

    Raises ThingMissing, CodeTaken (a sister has the name), BadInput.
    Products that stand in the parent go to its unsorted shelf.
    """
    with transaction.atomic():
        parent = _category(parent_id, actor, lock=True) if parent_id is not None else None
        read = parse.text(name, most=120, least=1)
        if Category.objects.filter(parent=parent, name=read).exists():
            raise errors.CodeTaken(read)
        cleared = categories.clear_shelf(parent, at=at)
        code = numbering.take_one("CAT", at=at)
        made = Category.objects.create(
            code=code,
            name=read,
            name_en=parse.text(name_en, most=120),
            parent=parent,
            path=f"{parent.path}.{code}" if parent else code,
            since=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.category_created",
            obj=("catalog.category", made.pk),
            body={"code": code, "name": read, "parent": parent_id, "unsorted": cleared},
        )
        return category_info(made)


def create_product(
    *,
    name: str,
    category_id: int,
    name_en: str = "",
    brand: str = "",
    weight_g: int | None = None,
    attributes: Mapping[str, str] | None = None,
    actor: Actor,
    at: datetime,
) -> ProductInfo:
    """Enter a product into one leaf of the catalogue; its code is given by the house.

    `attributes` are values by key of what the category asks. Raises ThingMissing (also outside the
    actor's categories), NotALeaf, BadInput.
    """
    with transaction.atomic():
        category = _leaf(category_id, actor)
        asked = _demands(category.pk, at)
        made = Product.objects.create(
            code=numbering.take_one("PRD", at=at),
            name=parse.text(name, most=200, least=1),
            name_en=parse.text(name_en, most=200),
            category=category,
            brand=parse.text(brand, most=80),
            weight_g=None if weight_g is None else parse.quantity(weight_g),
            attributes=read_values(asked.of_product(), attributes or {}, are_complete=False),
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.product_created",
            obj=("catalog.product", made.pk),
            body={"code": made.code, "name": made.name, "category": category.code},
        )
        return product_info(made)


def create_sku(
    *,
    product_id: int,
    name: str,
    kind: str = SkuKind.GOODS,
    unit: str = "piece",
    barcode: str = "",
    tax_rate: Decimal = Decimal("0.1300"),
    attributes: Mapping[str, str] | None = None,
    actor: Actor,
    at: datetime,
) -> SkuInfo:
    """Add a variant to a product; its code is given by the coding rule of its category.

    `attributes` are the values by which the variants of the category differ. Raises ThingMissing,
    CodeTaken (the barcode), VariantTwice, BadInput (also for a barcode that is no GTIN and for a
    value the coding rule has no code for).
    """
    with coding.keeping(barcode, actor=actor, at=at), transaction.atomic():
        product = _product(product_id, actor, lock=True)
        bars = read_gtin(barcode) if barcode else ""
        if bars and Sku.objects.filter(barcode=bars).exists():
            raise errors.CodeTaken(bars)
        asked = _demands(product.category_id, at)
        values = read_values(asked.of_variant(), attributes or {}, are_complete=True)
        twin = _twin(product, values) if values else None
        if twin:
            raise shelf_errors.VariantTwice(twin)
        given = coding.give_code(
            category=product.category,
            facts={"brand": product.brand, **product.attributes, **values},
            at=at,
        )
        code = given.code
        made = Sku.objects.create(
            code=code,
            code_key=parse.code_key(code),
            code_rule_id=given.rule_id,
            attributes=values,
            product=product,
            name=parse.text(name, most=200, least=1),
            kind=SkuKind(kind),
            unit=parse.code(unit, most=16),
            barcode=bars,
            tax_rate=tax_rate,
            selection=selection.basis_at(at),
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.sku_created",
            obj=("catalog.sku", made.pk),
            body={"code": code, "product": product.code, "kind": made.kind, "barcode": bars},
        )
        return sku_info(made)


def edit_product(
    *,
    product_id: int,
    name: str | None = None,
    name_en: str | None = None,
    brand: str | None = None,
    category_id: int | None = None,
    attributes: Mapping[str, str] | None = None,
    actor: Actor,
    at: datetime,
) -> ProductInfo:
    """Change what a product is called or where it stands; its history keeps every old value.

    `attributes` replace all values of the product. Raises ThingMissing, NotALeaf, BadInput.
    """
    with transaction.atomic():
        audit.acting(actor)
        product = _product(product_id, actor, lock=True)
        if name is not None:
            product.name = parse.text(name, most=200, least=1)
        if name_en is not None:
            product.name_en = parse.text(name_en, most=200)
        if brand is not None:
            product.brand = parse.text(brand, most=80)
        if category_id is not None:
            product.category = _leaf(category_id, actor)
        if attributes is not None:
            asked = _demands(product.category_id, at)
            product.attributes = read_values(asked.of_product(), attributes, are_complete=False)
        product.save(update_fields=["name", "name_en", "brand", "category", "attributes"])
        audit.record(
            actor=actor,
            at=at,
            action="catalog.product_edited",
            obj=("catalog.product", product.pk),
            body={"name": product.name, "brand": product.brand, "category": product.category_id},
        )
        return product_info(product)


def retire_sku(*, sku_id: int, reason: str, actor: Actor, at: datetime) -> SkuInfo:
    """Take a SKU out of use for good; its code is never given again.

    Raises ThingMissing, ReasonNeeded.
    """
    if not reason.strip():
        raise errors.ReasonNeeded
    with transaction.atomic():
        audit.acting(actor)
        sku = (
            Sku.objects.select_for_update(of=("self",), no_key=True)
            .select_related("product")
            .filter(pk=sku_id)
            .first()
        )
        if sku is None or not _reaches(actor, sku.product.category_id):
            raise errors.ThingMissing("sku", sku_id)
        sku.state = ProductState.RETIRED
        sku.save(update_fields=["state"])
        audit.record(
            actor=actor,
            at=at,
            action="catalog.sku_retired",
            obj=("catalog.sku", sku.pk),
            body={"reason": reason.strip()},
        )
        return sku_info(sku)


def name_in_channel(
    *, channel_id: int, codes: Sequence[tuple[str, int]], actor: Actor, at: datetime
) -> int:
    """Record the exact codes by which a channel names SKUs: pairs of (code, SKU id).

    Naming the same again changes nothing; returns how many are new. Raises ThingMissing,
    CodeTaken when the channel uses a code for another SKU.
    """
    given = ", ".join(code for code, _sku_id in codes[:3])
    with coding.keeping(given, actor=actor, at=at), transaction.atomic():
        if not Channel.objects.filter(pk=channel_id).exists():
            raise errors.ThingMissing("channel", channel_id)
        wanted = {parse.code(code): sku_id for code, sku_id in codes}
        sku_ids = set(wanted.values())
        errors.missing(
            "sku", sku_ids, Sku.objects.filter(pk__in=sku_ids).values_list("pk", flat=True)
        )
        known = dict(
            ExternalCode.objects.filter(channel_id=channel_id, code__in=wanted).values_list(
                "code", "sku_id"
            )
        )
        for code, sku_id in known.items():
            if wanted[code] != sku_id:
                raise errors.CodeTaken(code)
        fresh = [
            ExternalCode(channel_id=channel_id, code=code, sku_id=sku_id)
            for code, sku_id in wanted.items()
            if code not in known
        ]
        try:
            with transaction.atomic():
                ExternalCode.objects.bulk_create(fresh, batch_size=5000)
        except IntegrityError as error:
            raise errors.CodeTaken(fresh[0].code) from error
        if fresh:
            audit.record(
                actor=actor,
                at=at,
                action="catalog.channel_codes_named",
                obj=("catalog.channel", channel_id),
                body={"count": len(fresh), "first": fresh[0].code},
            )
        return len(fresh)


def _category(category_id: int, actor: Actor, *, lock: bool = False) -> Category:
    rows = Category.objects.filter(pk=category_id)
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found = rows.first()
    if found is None or not _reaches(actor, category_id):
        raise errors.ThingMissing("category", category_id)
    return found


def _leaf(category_id: int, actor: Actor) -> Category:
    """Return a category in which products may stand, locked so that it stays one."""
    found = _category(category_id, actor, lock=True)
    if not shelves.is_leaf(category_id):
        raise shelf_errors.NotALeaf
    return found


def _demands(category_id: int, at: datetime) -> Demands:
    found = shelves.demands(category_ids=[category_id], day=parse.business_day(at))
    return found[category_id]


def _twin(product: Product, values: Mapping[str, str]) -> str | None:
    """Return the code of the product's living SKU with the same values, if there is one."""
    rows = Sku.objects.filter(product=product, attributes=values)
    return rows.exclude(state=ProductState.RETIRED).values_list("code", flat=True).first()


def _product(product_id: int, actor: Actor, *, lock: bool = False) -> Product:
    rows = Product.objects.select_related("category").filter(pk=product_id)
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found = rows.first()
    if found is None or not _reaches(actor, found.category_id):
        raise errors.ThingMissing("product", product_id)
    return found


def _reaches(actor: Actor, category_id: int) -> bool:
    """Say whether the actor may write in a category."""
    allowed = actor.scope_ids("category", "catalog", "C")
    return allowed is None or category_id in allowed


def category_info(category: Category) -> CategoryInfo:
    """Return the plain form of a category."""
    return CategoryInfo(
        id=category.pk,
        code=category.code,
        name=category.name,
        name_en=category.name_en,
        parent_id=category.parent_id,
        path=category.path,
    )


def product_info(product: Product) -> ProductInfo:
    """Return the plain form of a product."""
    return ProductInfo(
        id=product.pk,
        code=product.code,
        name=product.name,
        category_id=product.category_id,
        brand=product.brand,
        state=product.state,
    )


def sku_info(sku: Sku) -> SkuInfo:
    """Return the plain form of a SKU."""
    return SkuInfo(
        id=sku.pk,
        code=sku.code,
        product_id=sku.product_id,
        name=sku.name,
        kind=sku.kind,
        unit=sku.unit,
        barcode=sku.barcode,
        tax_rate=sku.tax_rate,
        state=sku.state,
    )
