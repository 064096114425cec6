"""A small resource and two screens, mounted like an app's: what the http engine is tried on."""

from typing import Any

from django.contrib import admin
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils import timezone
from django.views.i18n import set_language
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ops.engines.audit import services as audit
from ops.engines.http import filters, routes
from ops.engines.http.api import ReadViewSet
from ops.engines.http.documents import docs_view, schema_view
from ops.engines.http.matching import etag, require_match
from ops.engines.http.serializers import (
    CodeField,
    DayField,
    FlagField,
    MomentField,
    MoneyField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
    WordField,
)
from ops.engines.http.urls import account_patterns, api_urlpatterns
from ops.engines.http.views import PolicyView, policy_view
from ops.engines.identity.models import Department
from ops.engines.kernel.errors import Conflict, RuleViolation
from ops.engines.kernel.policy import PUBLIC, SIGNED_IN, may

handler404 = "ops.engines.http.fallbacks.not_found"
handler500 = "ops.engines.http.fallbacks.server_error"


class LineSerializer(StrictSerializer):
    quantity = QuantityField(least=1)
    price = MoneyField()


class PlaceSerializer(StrictSerializer):
    id = serializers.IntegerField(read_only=True)
    code = CodeField(max_length=40)
    name = StrictCharField(max_length=80)


class EverythingSerializer(PlaceSerializer):
    since = DayField(required=False)
    at = MomentField(required=False)
    is_open = FlagField(required=False)
    kind = WordField(choices=["shop", "store", "1"], required=False)
    lines = LineSerializer(many=True, required=False)


class PlaceViewSet(ReadViewSet):
    """Departments, standing in for any resource."""

    serializer_class = PlaceSerializer
    filters = {"code": filters.exact("code"), "parent": filters.number("parent")}
    orderings = ("id", "-id", "name", "-name")
    policies = {
        "list": SIGNED_IN,
        "retrieve": SIGNED_IN,
        "create": may("ops", "C"),
        "rename": may("ops", "C"),
        "refuse": may("ops", "C"),
        "fail": may("ops", "C"),
    }

    def get_queryset(self) -> QuerySet[Department]:
        return Department.objects.all()

    def create(self, request: Request) -> Response:
        sent = EverythingSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        with transaction.atomic(savepoint=False):
            code, name = sent.validated_data["code"], sent.validated_data["name"]
            if Department.objects.filter(code=code).exists():
                raise Conflict("sample.twin", "There is one already.", field="code")
            made = Department.objects.create(code=code, name=name)
            audit.record(actor=self.actor, at=timezone.now(), action="sample.created")
        return Response(PlaceSerializer(made).data, status=201)

    @action(detail=True, methods=["post"])
    def rename(self, request: Request, pk: str) -> Response:
        with transaction.atomic():
            place = Department.objects.select_for_update(no_key=True).get(pk=pk)
            require_match(request, etag(place.pk, place.name))
            place.name = dict(request.data)["name"]
            place.save(update_fields=["name"])
            audit.record(actor=self.actor, at=timezone.now(), action="sample.renamed")
        return Response(PlaceSerializer(place).data)

    @action(detail=False, methods=["post"])
    def refuse(self, request: Request) -> Response:
        with transaction.atomic():
            Department.objects.create(code="half", name="half")
            raise RuleViolation("sample.no", "The rules say no.")

    @action(detail=False, methods=["post"])
    def fail(self, request: Request) -> Response:
        raise KeyError("a secret that nobody may read")


class Screen(PolicyView):
    policies = {"get": may("ops", "A"), "post": may("ops", "A")}

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"nonce {request.csp_nonce}")  # type: ignore[attr-defined]

    def post(self, request: HttpRequest) -> HttpResponse:
        raise RuleViolation("sample.no", "The rules say no.")


@policy_view(SIGNED_IN)
def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("home")


@policy_view(SIGNED_IN)
def odd(request: HttpRequest) -> HttpResponse:
    if "busy" in request.GET:
        raise OperationalError("deadlock detected")
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text", [request.GET.get("text", "")])
        cursor.execute("SELECT %s::bigint", [request.GET.get("number", "1")])
    return HttpResponse("even")


def _routes() -> list[Any]:
    router = routes.Router()
    router.register("places", PlaceViewSet, basename="place")
    return [*api_urlpatterns, *router.urls]


urlpatterns = [
    path("", home, name="home"),
    path("odd/", odd, name="odd"),
    path("screen/", Screen.as_view(), name="screen"),
    path("accounts/", include((account_patterns, "accounts"))),
    path("i18n/setlang/", policy_view(PUBLIC)(set_language), name="set_language"),
    path("admin/", admin.site.urls),
    path("desk/", include("ops.engines.desk.urls")),  # the record screens lead back to the desk
    path("api/schema/", schema_view(), name="schema"),
    path("api/docs/", docs_view(), name="docs"),
    path("api/v1/", include(_routes())),
]
