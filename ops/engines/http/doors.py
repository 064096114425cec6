"""Doors declared in a few lines: a list, one thing, and the steps people take with it.

    class ProposalViewSet(DoorViewSet):
        serializer_class = ProposalSerializer
        detail_class = ProposalDetailSerializer     # one thing, where it says more than a list
        key = "proposal_id"                         # how its services call the id
        read = may("catalog", "V")
        make = Step(run=selecting.draft_proposal, policy=selecting.PROPOSE, body=DraftSerializer,
                    given=_draft, title="Draft a proposal.")
        edit = Edit(run=selecting.edit_proposal, ..., before=_draft_of)
        steps = {"submit": Step(run=selecting.submit_proposal, policy=selecting.PROPOSE, ...)}

A step finds its thing among those the actor sees, so that a foreign one is as absent as one that
never was; it calls the one service there is and answers with the thing as it stands after it. Every
door is entered with its policy (`declare_all`), read strictly, and answered once per idempotency
key, as any other view set is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from ops.engines.kernel.canonical import plain
from ops.engines.kernel.policy import Policy

from .api import MAX_BODY, ReadViewSet
from .matching import etag, require_match
from .serializers import StrictSerializer

Sent = dict[str, Any]
# What the framework puts on every view as it mounts it.
_OF_VIEWS: Final = frozenset({"basename", "description", "detail", "name", "suffix"})


class NothingSerializer(StrictSerializer):
    """No input at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do: which service, who may, what is sent.

    `given` turns what was read into the service's arguments, such as a code into an id. `of` names
    the thing where the service calls it otherwise than the door's `key`. `title` stands in the
    API's document. `parsers` and `most` are for forms with a file.
    """

    run: Callable[..., Any]
    policy: Policy
    title: str
    body: type[StrictSerializer] = NothingSerializer
    given: Callable[[Sent], Mapping[str, Any]] = dict
    of: Callable[[Any], Mapping[str, Any]] | None = None
    parsers: Sequence[type[BaseParser]] = ()
    most: int = MAX_BODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit(Step):
    """A change of some fields under If-Match; `before` returns them all as they stand.

    The thing is locked while its version is compared. Where a service locks something above it
    first, `is_locked` is False and `of` tells the service which version was compared.
    """

    before: Callable[[Any], Mapping[str, Any]]
    is_locked: bool = True


class DoorViewSet(ReadViewSet, abstract=True):
    """A list, one thing, and the steps declared of it; `get_queryset` shows what the actor sees."""

    key: ClassVar[str] = ""
    read: ClassVar[Policy | None] = None
    make: ClassVar[Step | None] = None
    edit: ClassVar[Edit | None] = None
    steps: ClassVar[Mapping[str, Step]] = {}
    detail_class: ClassVar[type[StrictSerializer] | None] = None

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        if not abstract:
            _equip(cls)
        super().__init_subclass__(abstract=abstract, **kwargs)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return one thing."""
        return self.shown(self.get_object())

    def shown(self, row: Any, *, status: int = 200) -> Response:
        """Answer with a thing, and with its version where it can be edited."""
        headers = {} if self.edit is None else {"ETag": _version(self.edit, row)}
        return Response(self.answered(row), status=status, headers=headers)

    def answered(self, row: Any) -> Mapping[str, Any]:
        """Return one thing as it is answered."""
        kind = self.detail_class or self.get_serializer_class()
        return dict(kind(row, context=self.get_serializer_context()).data)


def read_body(kind: type[StrictSerializer], data: Any) -> Sent:
    """Return what a serializer reads from a body; raises ValidationError."""
    sent = kind(data=data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)


def optional(kind: type[StrictSerializer]) -> type[StrictSerializer]:
    """Return a serializer of which no field need be sent; a row inside a list stays whole."""

    def get_fields(self: Any) -> Any:
        found = kind.get_fields(self)
        for field in found.values():
            field.required = False
        return found

    name = f"{kind.__name__.removesuffix('Serializer')}EditSerializer"
    return type(name, (kind,), {"get_fields": get_fields, "__doc__": kind.__doc__})


def _equip(cls: type[DoorViewSet]) -> None:
    """Give a door its verbs and their policies, as they are declared."""
    if cls.read is None:
        raise TypeError(f"{cls.__qualname__} does not say who may read")
    policies = {"list": cls.read, "retrieve": cls.read}
    verbs: dict[str, Any] = {}
    answer = cls.detail_class or cls.serializer_class
    if cls.make is not None:
        policies["create"], verbs["create"] = cls.make.policy, _create(cls.make, answer)
    if cls.edit is not None:
        policies["partial_update"] = cls.edit.policy
        verbs["partial_update"] = _partial_update(cls.edit, answer)
    for name, step in cls.steps.items():
        if name in _OF_VIEWS or hasattr(DoorViewSet, name):
            raise TypeError(f"{cls.__qualname__}: a view has a `{name}` of its own")
        policies[name], verbs[name] = step.policy, _taken(name, step, answer)
    for name, verb in verbs.items():
        setattr(cls, name, verb)
    cls.policies = policies


def _create(step: Step, answer: Any) -> Any:
    def create(self: DoorViewSet, request: Request) -> Response:
        sent = read_body(step.body, request.data)
        made = step.run(**step.given(sent), actor=self.actor, at=timezone.now())
        pk = made if isinstance(made, int) else made.id
        return self.shown(self.get_queryset().get(pk=pk), status=201)

    create.__doc__ = step.title
    return extend_schema(request=step.body, responses={201: answer})(create)


def _partial_update(step: Edit, answer: Any) -> Any:
    body = optional(step.body)

    def partial_update(self: DoorViewSet, request: Request, pk: str) -> Response:
        sent = read_body(body, request.data)
        with transaction.atomic():
            rows = self.get_queryset()
            if step.is_locked:
                rows = rows.select_for_update(of=("self",), no_key=True)
            row = get_object_or_404(rows, pk=pk)
            require_match(request, _version(step, row))
            _run(self, step, row, {**step.before(row), **sent})
        return self.shown(self.get_object())

    partial_update.__doc__ = f"{step.title} Needs If-Match with the ETag of what was read."
    return extend_schema(request=body, responses={200: answer})(partial_update)


def _taken(name: str, step: Step, answer: Any) -> Any:
    def take(self: DoorViewSet, request: Request, pk: str) -> Response:
        sent = read_body(step.body, request.data)
        _run(self, step, self.get_object(), sent)
        return self.shown(self.get_object())

    take.__name__, take.__doc__ = name, step.title
    more: dict[str, Any] = {}
    if step.parsers:
        more = {"parser_classes": tuple(step.parsers), "max_body": step.most}
    made = action(detail=True, methods=["post"], url_path=name.replace("_", "-"), **more)(take)
    return extend_schema(request=step.body, responses={200: answer})(made)


def _run(view: DoorViewSet, step: Step, row: Any, sent: Sent) -> None:
    thing = {view.key: row.pk} if step.of is None else step.of(row)
    step.run(**thing, **step.given(sent), actor=view.actor, at=timezone.now())


def _version(step: Edit, row: Any) -> str:
    """Return the version of a thing: it moves with whatever an edit may change, and its state."""
    return etag(row.pk, str(getattr(row, "state", "")), plain(step.before(row)))
