"""Coding rules, aliases of SKUs and what categories ask (CAT-4.1-01, CAT-4.1-02)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import read
from catalog.api.goods import SHELVERS
from catalog.choices.categories import AttributeKind, StorageClass
from catalog.choices.coding import AliasKind
from catalog.models import CategoryRule, CodeRule, SkuAlias
from catalog.rules.categories import Attribute, Demands
from catalog.services import categories, coding
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.serializers import (
    CodeField,
    DayField,
    FlagField,
    IdField,
    StrictCharField,
    StrictSerializer,
    WordField,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import SIGNED_IN, may, only

CODERS = only(Role.INFORMATION_SUPERVISOR, Role.OPERATIONS_SUPERVISOR)


class WordSerializer(StrictSerializer):
    """The code of one value of a part of the pattern."""

    part = CodeField(max_length=40)
    value = StrictCharField(max_length=80)
    code = CodeField(max_length=12)


class CodeRuleSerializer(StrictSerializer):
    """One version of a coding rule; no category is the whole catalogue."""

    id = IdField(read_only=True)
    category = IdField(required=False, allow_null=True, source="category_id")
    version = IdField(read_only=True)
    pattern = StrictCharField(max_length=120)
    words = WordSerializer(many=True, required=False, source="word_rows")
    starts_on = DayField()


class AliasSerializer(StrictSerializer):
    """What a former system or a supplier calls a SKU."""

    id = IdField(read_only=True)
    sku = IdField(source="sku_id")
    kind = WordField(choices=AliasKind.choices)
    source = CodeField(max_length=80)  # type: ignore[assignment]
    code = CodeField(max_length=64)


class AttributeSerializer(StrictSerializer):
    """One attribute a category asks for."""

    key = CodeField(max_length=40)
    title = StrictCharField(max_length=80)
    kind = WordField(choices=AttributeKind.choices, required=False)
    unit = StrictCharField(max_length=16, required=False, allow_blank=True)
    choices = StrictCharField(
        max_length=2000, required=False, allow_blank=True, help_text="Values with commas between."
    )
    is_mandatory = FlagField(required=False)
    is_variant = FlagField(required=False)


class DocumentSerializer(StrictSerializer):
    """One document every product of the category needs."""

    key = CodeField(max_length=40)
    title = StrictCharField(max_length=120)


class CategoryRuleSerializer(StrictSerializer):
    """One version of what a category itself asks."""

    id = IdField(read_only=True)
    category = IdField(source="category_id")
    version = IdField(read_only=True)
    starts_on = DayField()
    attributes = AttributeSerializer(many=True, required=False, source="attribute_rows")
    documents = DocumentSerializer(many=True, required=False, source="document_rows")
    scope_item = StrictCharField(max_length=120, required=False, allow_blank=True)
    storage_class = WordField(choices=StorageClass.choices, required=False, allow_blank=True)
    reason = StrictCharField(max_length=200)


class CodeRuleViewSet(ReadViewSet):
    """Coding rules, the newest first."""

    serializer_class = CodeRuleSerializer
    filters = {"category": filters.number("category_id")}
    orderings = ("-id", "id")
    policies = {"list": SIGNED_IN, "retrieve": SIGNED_IN, "create": CODERS}

    def get_queryset(self) -> QuerySet[CodeRule]:
        """Return every version: codes are the same for everybody."""
        return CodeRule.objects.all()

    def create(self, request: Request) -> Response:
        """Decide the next version."""
        sent = read(CodeRuleSerializer, request.data)
        words: dict[str, dict[str, str]] = defaultdict(dict)
        for row in sent.pop("word_rows", ()):
            words[row["part"]][row["value"]] = row["code"]
        made = coding.set_code_rule(**sent, words=words, actor=self.actor, at=timezone.now())
        return Response(CodeRuleSerializer(CodeRule.objects.get(pk=made.id)).data, status=201)


class AliasViewSet(ReadViewSet):
    """Other names of SKUs."""

    serializer_class = AliasSerializer
    filters = {
        "sku": filters.number("sku_id"),
        "code": filters.exact("code"),
        "kind": filters.exact("kind"),
    }
    orderings = ("-id", "id")
    policies = {
        "list": may("catalog", "V"),
        "retrieve": may("catalog", "V"),
        "create": may("catalog", "C"),
    }

    def get_queryset(self) -> QuerySet[SkuAlias]:
        """Return all aliases: goods are the same for everybody."""
        return SkuAlias.objects.all()

    def create(self, request: Request) -> Response:
        """Enter an alias."""
        sent = read(AliasSerializer, request.data)
        made = coding.name_sku(**sent, actor=self.actor, at=timezone.now())
        return Response(AliasSerializer(SkuAlias.objects.get(pk=made.id)).data, status=201)


class CategoryRuleViewSet(ReadViewSet):
    """What categories ask, the newest first."""

    serializer_class = CategoryRuleSerializer
    filters = {"category": filters.number("category_id")}
    orderings = ("-id", "id")
    policies = {"list": may("catalog", "V"), "retrieve": may("catalog", "V"), "create": SHELVERS}

    def get_queryset(self) -> QuerySet[CategoryRule]:
        """Return every version: the tree is the same for everybody."""
        return CategoryRule.objects.all()

    def create(self, request: Request) -> Response:
        """Decide the next version."""
        sent = read(CategoryRuleSerializer, request.data)
        demands = Demands(
            attributes=tuple(_attribute(row) for row in sent.get("attribute_rows", ())),
            documents=tuple((row["key"], row["title"]) for row in sent.get("document_rows", ())),
            scope_item=sent.get("scope_item", ""),
            storage_class=sent.get("storage_class", ""),
        )
        made = categories.set_category_rule(
            category_id=sent["category_id"],
            demands=demands,
            starts_on=sent["starts_on"],
            reason=sent["reason"],
            actor=self.actor,
            at=timezone.now(),
        )
        shown = CategoryRule.objects.get(pk=made.id)
        return Response(CategoryRuleSerializer(shown).data, status=201)


def _attribute(row: dict[str, Any]) -> Attribute:
    choices = [one.strip() for one in row.pop("choices", "").replace("，", ",").split(",")]
    return Attribute(choices=tuple(one for one in choices if one), **row)
