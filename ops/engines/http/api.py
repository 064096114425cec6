"""Base classes of every REST resource: a policy per action, one way to filter and to page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.http import HttpResponseBase
from rest_framework.filters import BaseFilterBackend
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import DataClass, without
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import Policy

from .actors import actor_of, actor_or_none, plain_request
from .errors import CONTENT_TYPE, BodyTooLarge, UnknownMediaType
from .filters import DeclaredFilters, Filter, check_query
from .idempotency import answer_once, key_of
from .pagination import KeysetPagination
from .policing import declare_all, enforce, verbs_of

STANDARD_ACTIONS = ("list", "create", "retrieve", "update", "partial_update", "destroy")
MAX_BODY = 2 * 1024 * 1024


class PolicyMixin(APIView):
    """What all our API views share: policy, size, query parameters, idempotency."""

    policies: ClassVar[Mapping[str, Policy]] = {}
    query_params: ClassVar[Mapping[str, frozenset[str]]] = {}
    """Query parameters beyond filters and paging, by action or verb."""
    classified: ClassVar[Mapping[str, DataClass]] = {}
    """Class of data of answered fields whose name does not say it, such as `value` of stock."""
    max_body: ClassVar[int] = MAX_BODY
    http_method_names: ClassVar[list[str]] = ["get", "head", "post", "put", "patch", "delete"]  # type: ignore[misc]

    @property
    def actor(self) -> Actor:
        """Return who asks."""
        return actor_of(self.request)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Set to null what the caller may not read, whichever serializer wrote it (S5)."""
        # What was answered before under the same key is a plain response: cleared when first made.
        data = getattr(response, "data", None)
        # A problem holds none of it, and who asks may be unknown: the database may be what is away.
        if data is not None and response.content_type != CONTENT_TYPE:
            response.data = without(data, actor_or_none(request), also=self.classified)
        return super().finalize_response(request, response, *args, **kwargs)

    def action_name(self, request: Request) -> str:
        """Return the name the policy is declared under."""
        verb = (request.method or "").lower()
        return str(getattr(self, "action", None) or ("get" if verb == "head" else verb))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check who asks and what came, before the handler runs."""
        super().initial(request, *args, **kwargs)
        name = self.action_name(request)
        policy = self.policies.get(name)
        if policy is None:
            self.http_method_not_allowed(request, *args, **kwargs)
            return
        enforce(policy, request)
        self._check_size(request)
        check_query(request, allowed=self.allowed_query(name))
        if request.method not in SAFE_METHODS:
            key = key_of(request)
            if key is not None and request.method == "POST":
                self._answer_once(key)

    def allowed_query(self, name: str) -> frozenset[str]:
        """Return the query parameters an action takes."""
        return frozenset(self.query_params.get(name, frozenset()))

    def _check_size(self, request: Request) -> None:
        meta = plain_request(request).META
        if meta.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
            raise UnknownMediaType("http.encoding", "A compressed body is not read.")
        length = meta.get("CONTENT_LENGTH") or "0"
        if not length.isascii() or not length.isdigit():
            raise BadInput("http.length", "The length of the body is no number.")
        if int(length) > self.max_body:
            raise BodyTooLarge("http.too_large", "The request is too large.")

    def _answer_once(self, key: str) -> None:
        handler: Callable[..., Response] = getattr(self, "post")  # noqa: B009

        def once(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return answer_once(
                self, key, lambda: handler(request, *args, **kwargs), request=request
            )

        # The dispatcher looks the handler up on this object next.
        vars(self)["post"] = once


class PolicyAPIView(PolicyMixin):
    """One resource: `policies = {"get": ..., "post": ...}`."""

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not abstract:
            declare_all(cls, cls.policies, needed=verbs_of(cls), kind="route")


class PolicyViewSet(PolicyMixin, GenericViewSet[Any]):
    """A family of resources: `policies = {"list": ..., "submit": ...}`.

    `filters` maps a query parameter to what it reads and compares; `orderings` lists what
    `ordering=` may say, the first one is the default. `get_queryset` filters by the actor's scopes.
    """

    filters: ClassVar[Mapping[str, Filter]] = {}
    orderings: ClassVar[Sequence[str]] = ("-id",)
    filter_backends: Sequence[type[BaseFilterBackend]] = (DeclaredFilters,)
    pagination_class: type[KeysetPagination] | None = KeysetPagination
    lookup_value_regex = "[1-9][0-9]{0,17}"

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not abstract:
            needed = [name for name in STANDARD_ACTIONS if callable(getattr(cls, name, None))]
            for extra in cls.get_extra_actions():
                needed += vars(extra)["mapping"].values()
            declare_all(cls, cls.policies, needed=needed, kind="route")

    def allowed_query(self, name: str) -> frozenset[str]:
        """Return the query parameters an action takes; a list takes filters and paging."""
        own = super().allowed_query(name)
        if name != "list":
            return own
        # A list that is answered whole has no pages and one order.
        paging = {*KeysetPagination.params, "ordering"} if self.pagination_class else set()
        return own | self.filters.keys() | paging


class ReadViewSet(ListModelMixin, RetrieveModelMixin, PolicyViewSet, abstract=True):
    """List and detail of what `get_queryset` shows this actor."""
