"""Categories, channels, products and SKUs."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import read
from catalog.choices.goods import SkuKind
from catalog.errors import goods as errors
from catalog.models import Category, Channel, Product, Sku
from catalog.services import categories, channels, coding, products
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.matching import etag, require_match
from ops.engines.http.serializers import (
    CodeField,
    DayField,
    FlagField,
    IdField,
    MoneyField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
    WordField,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.canonical import canonical_json
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may, only

SHELVERS = may("catalog", "C", Role.OPERATIONS_SUPERVISOR, Role.WEB_EDITING_SUPERVISOR)


class CategorySerializer(StrictSerializer):
    """A category; its code and path are given by the house."""

    id = IdField(read_only=True)
    code = CodeField(read_only=True)
    name = StrictCharField(max_length=120)
    name_en = StrictCharField(max_length=120, required=False, allow_blank=True)
    parent = IdField(  # type: ignore[assignment]
        required=False, allow_null=True, source="parent_id"
    )
    path = StrictCharField(read_only=True)


class MoveSerializer(StrictSerializer):
    """Where a category goes, and why; no parent is the root."""

    parent = IdField(allow_null=True, source="parent_id")  # type: ignore[assignment]
    reason = StrictCharField(max_length=200)


class ChannelSerializer(StrictSerializer):
    """A channel."""

    id = IdField(read_only=True)
    code = CodeField(max_length=40)
    name = StrictCharField(max_length=120)
    platform = CodeField(max_length=40, required=False)
    currency = CodeField(max_length=3, required=False)
    is_active = FlagField(read_only=True)
    is_own = FlagField(required=False)
    go_live_on = DayField(required=False, allow_null=True)


class ValueSerializer(StrictSerializer):
    """The value of one attribute, as text: numbers plain, yes-or-no as `yes` or `no`."""

    key = CodeField(max_length=40)
    value = StrictCharField(max_length=200)


class ProductSerializer(StrictSerializer):
    """A product; its code is given by the house."""

    id = IdField(read_only=True)
    code = CodeField(read_only=True)
    name = StrictCharField(max_length=200)
    name_en = StrictCharField(max_length=200, required=False, allow_blank=True)
    category = IdField(source="category_id")
    brand = StrictCharField(max_length=80, required=False, allow_blank=True)
    weight_g = QuantityField(required=False, allow_null=True)
    attributes = ValueSerializer(many=True, required=False, source="attribute_rows")
    state = CodeField(read_only=True)


class SkuSerializer(StrictSerializer):
    """A SKU; its code is given by the house."""

    id = IdField(read_only=True)
    code = CodeField(read_only=True)
    product = IdField(source="product_id")
    name = StrictCharField(max_length=200)
    kind = WordField(choices=SkuKind.choices, required=False)
    unit = CodeField(max_length=16, required=False)
    barcode = StrictCharField(max_length=14, required=False, allow_blank=True)
    tax_rate = MoneyField(places=4, required=False)
    attributes = ValueSerializer(many=True, required=False, source="attribute_rows")
    state = CodeField(read_only=True)


class CategoryViewSet(ReadViewSet):
    """Shelves of the catalogue, in the order of the tree."""

    serializer_class = CategorySerializer
    filters = {"code": filters.exact("code"), "parent": filters.number("parent_id")}
    orderings = ("path", "id", "-id")
    policies = {
        "list": may("catalog", "V"),
        "retrieve": may("catalog", "V"),
        "create": SHELVERS,
        "move": SHELVERS,
    }

    def get_queryset(self) -> QuerySet[Category]:
        """Return all categories: they are the same for everybody."""
        return Category.objects.all()

    def create(self, request: Request) -> Response:
        """Add a category."""
        sent = read(CategorySerializer, request.data)
        made = products.create_category(**sent, actor=self.actor, at=timezone.now())
        return Response(CategorySerializer(made).data, status=201)

    @extend_schema(request=MoveSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Put a category with all below it under another; history stays (CAT-4.1-02)."""
        sent = read(MoveSerializer, request.data)
        categories.move_category(
            category_id=self.get_object().pk, **sent, actor=self.actor, at=timezone.now()
        )
        return Response(CategorySerializer(self.get_object()).data)


class ChannelViewSet(ReadViewSet):
    """Channels, those the caller may see."""

    serializer_class = ChannelSerializer
    filters = {"code": filters.exact("code"), "is_active": filters.flag("is_active")}
    orderings = ("code", "id", "-id")
    policies = {
        "list": may("catalog", "V"),
        "retrieve": may("catalog", "V"),
        "create": only(Role.OPERATIONS_SUPERVISOR, Role.INFORMATION_SUPERVISOR),
    }

    def get_queryset(self) -> QuerySet[Channel]:
        """Return the channels in the caller's scope."""
        allowed = self.actor.scope_ids("channel", "catalog")
        rows = Channel.objects.all()
        return rows if allowed is None else rows.filter(pk__in=allowed)

    def create(self, request: Request) -> Response:
        """Open a channel."""
        sent = read(ChannelSerializer, request.data)
        made = channels.create_channel(**sent, actor=self.actor, at=timezone.now())
        return Response(ChannelSerializer(made).data, status=201)


class ProductViewSet(ReadViewSet):
    """Products; PATCH needs If-Match with the ETag of what was read."""

    serializer_class = ProductSerializer
    filters = {
        "code": filters.exact("code"),
        "category": filters.number("category_id"),
        "state": filters.exact("state"),
    }
    orderings = ("-id", "id")
    policies = {
        "list": may("catalog", "V"),
        "retrieve": may("catalog", "V"),
        "create": may("catalog", "C"),
        "partial_update": may("catalog", "C"),
    }

    def get_queryset(self) -> QuerySet[Product]:
        """Return all products: what is sold where is a matter of channels."""
        return Product.objects.all()

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return one product with its version."""
        product = self.get_object()
        return Response(ProductSerializer(product).data, headers={"ETag": _version(product)})

    def create(self, request: Request) -> Response:
        """Enter a product."""
        sent = with_values(read(ProductSerializer, request.data))
        made = products.create_product(**sent, actor=self.actor, at=timezone.now())
        return self._shown(made.id, status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change name, brand or category."""
        sent = with_values(read(ProductSerializer, request.data, partial=True))
        sent.pop("weight_g", None)
        with transaction.atomic():
            product = Product.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk)
            require_match(request, _version(self._found(product)))
            products.edit_product(product_id=int(pk), **sent, actor=self.actor, at=timezone.now())
        return self._shown(int(pk))

    def _found(self, rows: QuerySet[Product]) -> Product:
        found = rows.first()
        if found is None:
            raise errors.ThingMissing("product", "")
        return found

    def _shown(self, product_id: int, *, status: int = 200) -> Response:
        product = Product.objects.get(pk=product_id)
        return Response(
            ProductSerializer(product).data,
            status=status,
            headers={"ETag": _version(product)},
        )


class SkuViewSet(ReadViewSet):
    """SKUs, found by code or barcode."""

    serializer_class = SkuSerializer
    filters = {
        "code": filters.exact("code"),
        "barcode": filters.exact("barcode"),
        "product": filters.number("product_id"),
        "state": filters.exact("state"),
    }
    orderings = ("-id", "id")
    policies = {
        "list": may("catalog", "V"),
        "retrieve": may("catalog", "V"),
        "create": may("catalog", "C"),
    }

    def get_queryset(self) -> QuerySet[Sku]:
        """Return all SKUs: what is sold where is a matter of channels."""
        return Sku.objects.all()

    def create(self, request: Request) -> Response:
        """Add a variant to a product; a code that is sent is refused and the attempt kept."""
        if isinstance(request.data, dict) and "code" in request.data:
            coding.refuse_typed(code=str(request.data["code"]), actor=self.actor, at=timezone.now())
        sent = with_values(read(SkuSerializer, request.data))
        made = products.create_sku(**sent, actor=self.actor, at=timezone.now())
        return Response(SkuSerializer(Sku.objects.get(pk=made.id)).data, status=201)


def _version(product: Product) -> str:
    return etag(
        product.pk,
        product.name,
        product.name_en,
        product.brand,
        product.category_id,
        product.state,
        canonical_json(product.attributes),
    )


def with_values(sent: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent, attribute rows as values by key.

    Raises BadInput for a key twice and for a row that is not whole.
    """
    if "attribute_rows" in sent:
        rows = sent.pop("attribute_rows")
        if any({"key", "value"} - row.keys() for row in rows):
            words = _("Name the key and the value of every attribute.")
            raise BadInput("catalog.attribute_whole", words, field="attributes")
        sent["attributes"] = {row["key"]: row["value"] for row in rows}
        if len(sent["attributes"]) != len(rows):
            raise BadInput("catalog.key_twice", _("A key stands twice."), field="attributes")
    return sent
