"""Statements, reconciliations and breaks over REST."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, ClassVar

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.selectors import channels
from finance.api import answers
from finance.api.answers import read
from finance.models import Break, Reconciliation, SettlementFile
from finance.selectors import settlement
from finance.services import breaks, reconciliation
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.serializers import require_nothing
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may
from ops.engines.tables import services as imports
from ops.engines.tables.limits import DEFAULT

_VIEW, _WORK = may("finance", "V"), may("finance", "P")


class FileViewSet(ReadViewSet):
    """Settlement files of the caller's channels; a new one is sent as a form with its file."""

    policies = {"list": _VIEW, "retrieve": _VIEW, "create": _WORK}
    queryset = SettlementFile.objects.none()
    serializer_class = answers.FileAnswer
    parser_classes = (MultiPartParser,)
    max_body: ClassVar[int] = DEFAULT.file_bytes
    filters = {
        "number": filters.exact("number"),
        "channel": filters.exact("channel__code"),
        "from": filters.day("last_day__gte"),
        "to": filters.day("first_day__lte"),
    }
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the files of the caller's channels."""
        return settlement.files(actor=self.actor)

    @extend_schema(request=answers.UploadQuestion, responses={201: answers.UploadAnswer})
    def create(self, request: Request) -> Response:
        """Load a statement, or records of our side; the same content again has no effect."""
        asked = answers.UploadQuestion(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        _channel(said["channel"], self.actor)
        upload = said["file"]
        with tempfile.NamedTemporaryFile(prefix="guifan-upload-") as kept:
            for block in upload.chunks():
                kept.write(block)
            kept.flush()
            batch = imports.import_file(
                profile=said["profile"],
                path=Path(kept.name),
                name=upload.name or "statement.csv",
                actor=self.actor,
                at=timezone.now(),
                options={"channel": said["channel"]},
            )
        return Response(answers.UploadAnswer(batch).data, status=200 if batch.known else 201)


class ReconciliationViewSet(ReadViewSet):
    """Runs of reconciliation."""

    policies = {"list": _VIEW, "retrieve": _VIEW, "create": _WORK}
    queryset = Reconciliation.objects.none()
    serializer_class = answers.RunAnswer
    filters = {"number": filters.exact("number"), "channel": filters.exact("channel__code")}
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the runs of the caller's channels."""
        return settlement.runs(actor=self.actor)

    @extend_schema(request=answers.RunQuestion, responses={201: answers.RunAnswer})
    def create(self, request: Request) -> Response:
        """Match the statements of a channel with our side."""
        said = read(answers.RunQuestion, request)
        if said["last"] < said["first"]:
            raise BadInput("finance.days", _("The last day lies before the first."), field="last")
        made = reconciliation.run(
            channel_id=_channel(said["channel"], self.actor),
            first=said["first"],
            last=said["last"],
            actor=self.actor,
            at=timezone.now(),
        )
        row = Reconciliation.objects.select_related("channel").get(pk=made.id)
        return Response(answers.RunAnswer(row).data, status=201)


class BreakViewSet(ReadViewSet):
    """Differences between statements and our side."""

    policies = {
        "list": _VIEW,
        "retrieve": _VIEW,
        "assign": _WORK,
        "resolve": _WORK,
        "undo": _WORK,
    }
    queryset = Break.objects.none()
    serializer_class = answers.BreakAnswer
    filters = {
        "channel": filters.exact("channel__code"),
        "type": filters.exact("type"),
        "state": filters.exact("state"),
        "source": filters.exact("source"),
        "order_no": filters.exact("order_no"),
        "owner": filters.number("owner_person_id"),
        "from": filters.day("occurred_on__gte"),
        "to": filters.day("occurred_on__lte"),
    }
    orderings = ("-id", "id", "occurred_on", "-occurred_on")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the breaks of the caller's channels."""
        return (
            settlement.breaks(actor=self.actor)
            .select_related("entry")
            .annotate(
                difference=Coalesce(F("statement_amount"), settlement.ZERO)
                - Coalesce(F("our_amount"), settlement.ZERO),
                age_days=settlement.age(business_day(timezone.now())),
            )
        )

    @extend_schema(request=answers.AssignQuestion, responses=answers.BreakAnswer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Give a break an owner and a day until when."""
        said = read(answers.AssignQuestion, request)
        breaks.assign(
            break_ids=[int(pk)],
            person_id=said["person"],
            due_on=said.get("due_on"),
            actor=self.actor,
            at=timezone.now(),
        )
        return self._shown(int(pk))

    @extend_schema(request=answers.ResolveQuestion, responses=answers.BreakAnswer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """Say what a difference is, or match the break with others."""
        said = read(answers.ResolveQuestion, request)
        breaks.resolve(
            break_ids={int(pk), *said.get("with_breaks", ())},
            code=said["code"],
            reason=said.get("reason", ""),
            actor=self.actor,
            at=timezone.now(),
        )
        return self._shown(int(pk))

    @extend_schema(request=None, responses=answers.BreakAnswer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take a resolution back: what it booked is reversed."""
        require_nothing(request)
        row = self.get_object()
        breaks.undo(resolution_no=row.resolution_no, actor=self.actor, at=timezone.now())
        return self._shown(row.pk)

    def _shown(self, pk: int) -> Response:
        return Response(answers.BreakAnswer(self.get_queryset().get(pk=pk)).data)


def _channel(code: str, actor: Actor) -> int:
    found = {one.code: one.id for one in channels.visible(actor=actor, area="finance")}
    if code not in found:
        raise BadInput(
            "finance.channel_unknown",
            _("There is no channel named “%(code)s”.") % {"code": code[:40]},
            field="channel",
        )
    return found[code]
