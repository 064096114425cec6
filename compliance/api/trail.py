"""The audit trail over REST: facts and anchors to read, bundles to make and take away."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.models import AuditBundle
from compliance.services import bundles
from ops.engines.audit import selectors
from ops.engines.audit.models import Anchor, Fact
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.serializers import DayField, StrictSerializer
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import may, only

_TRAIL = may("compliance", "V", Role.AUDITOR, Role.COMPLIANCE_OFFICER)
_BUNDLE = only(Role.AUDITOR)


@extend_schema_field(OpenApiTypes.STR)
class HexField(serializers.Field[Any, Any, str, Any]):
    """Bytes as hex digits."""

    def to_representation(self, value: Any) -> str:
        """Return the digits."""
        return bytes(value).hex()


class FactAnswer(serializers.Serializer[Any]):
    """One fact of the trail."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    actor_kind = serializers.CharField()
    person_id = serializers.IntegerField(allow_null=True)
    actor_name = serializers.CharField()
    request_id = serializers.CharField()
    action = serializers.CharField()
    object_type = serializers.CharField()
    object_id = serializers.CharField()
    body = serializers.SerializerMethodField()
    leaf = HexField()

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_body(self, fact: Fact) -> Any:
        """Return the content."""
        return json.loads(fact.body)


class FactProof(FactAnswer):
    """One fact with its place in the sealed sequence; null while it waits for the next seal."""

    place = serializers.IntegerField(allow_null=True)
    anchor = serializers.IntegerField(allow_null=True)


class AnchorAnswer(serializers.Serializer[Any]):
    """One anchor over all facts up to its size."""

    id = serializers.IntegerField()
    first_leaf = serializers.IntegerField()
    tree_size = serializers.IntegerField()
    root_hash = HexField(source="root")
    previous = HexField()
    sealed_at = serializers.DateTimeField()
    key_id = serializers.CharField()
    signature = HexField()


class BundleAnswer(serializers.Serializer[Any]):
    """One bundle that was made here."""

    id = serializers.IntegerField()
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    facts = serializers.IntegerField()
    first_anchor = serializers.IntegerField()
    last_anchor = serializers.IntegerField()
    strays = serializers.IntegerField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    made_by = serializers.CharField(source="maker_name")
    made_at = serializers.DateTimeField()


class BundleQuestion(StrictSerializer):
    """Which business days a bundle covers, both included."""

    first_on = DayField()
    last_on = DayField()


class FactViewSet(ReadViewSet):
    """What was done, newest first; for auditors."""

    policies = {"list": _TRAIL, "retrieve": _TRAIL}
    queryset = Fact.objects.none()
    serializer_class = FactAnswer
    filters = {
        "action": filters.exact("action"),
        "object_type": filters.exact("object_type"),
        "object_id": filters.exact("object_id"),
        "person": filters.number("person_id"),
        "recorded_from": filters.moment("recorded_at__gte"),
        "recorded_before": filters.moment("recorded_at__lt"),
    }

    def get_queryset(self) -> QuerySet[Fact]:
        """Show every fact."""
        return selectors.facts()

    @extend_schema(responses=FactProof)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Show one fact with the anchor that seals it."""
        fact = self.get_object()
        found = selectors.anchor_over(fact_id=fact.pk)
        fact.place, fact.anchor = (found[0], found[1].id) if found else (None, None)
        return Response(FactProof(fact).data)


class AnchorViewSet(ReadViewSet):
    """The anchors, newest first; for auditors."""

    policies = {"list": _TRAIL, "retrieve": _TRAIL}
    queryset = Anchor.objects.none()
    serializer_class = AnchorAnswer
    filters = {
        "sealed_from": filters.moment("sealed_at__gte"),
        "sealed_before": filters.moment("sealed_at__lt"),
    }

    def get_queryset(self) -> QuerySet[Anchor]:
        """Show every anchor."""
        return selectors.anchors()


class BundleViewSet(ReadViewSet):
    """Bundles that prove themselves elsewhere; for auditors alone."""

    policies = dict.fromkeys(("list", "retrieve", "create", "file"), _BUNDLE)
    queryset = AuditBundle.objects.none()
    serializer_class = BundleAnswer

    def get_queryset(self) -> QuerySet[AuditBundle]:
        """Show every bundle."""
        return AuditBundle.objects.all()

    @extend_schema(request=BundleQuestion, responses={201: BundleAnswer})
    def create(self, request: Request) -> Response:
        """Make a bundle of some days."""
        question = BundleQuestion(data=request.data)
        question.is_valid(raise_exception=True)
        made = bundles.make(
            first=question.validated_data["first_on"],
            last=question.validated_data["last_on"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(BundleAnswer(made).data, status=201)

    @action(detail=True)
    @extend_schema(
        responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def file(self, request: Request, pk: str) -> HttpResponseBase:
        """Send the file; its hash is compared first, and that it was taken is a fact."""
        bundle, path = bundles.take(bundle_id=int(pk), actor=self.actor, at=timezone.now())
        return FileResponse(
            path.open("rb"),
            as_attachment=True,
            filename=f"audit-{bundle.first_on}-{bundle.last_on}.zip",
            content_type="application/zip",
            headers={"ETag": f'"{bundle.sha256}"', "Cache-Control": "no-store"},
        )
