"""Reports over REST: what there is, start one, watch it, take the file."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ops.engines.http.api import PolicyAPIView, PolicyViewSet
from ops.engines.http.serializers import CodeField, StrictSerializer, WordField
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.reports import selectors, services
from ops.engines.reports.choices import MEDIA_TYPES, Format
from ops.engines.reports.describing import describe
from ops.engines.reports.models import ReportRun


class ReportAnswer(serializers.Serializer[Any]):
    """One report of the centre."""

    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    cadence = serializers.CharField()
    is_mine = serializers.BooleanField()
    is_pack = serializers.BooleanField()
    formats = serializers.ListField(child=serializers.CharField())
    period_kinds = serializers.ListField(child=serializers.CharField())
    clauses = serializers.ListField(child=serializers.CharField())
    next_due_at = serializers.DateTimeField(allow_null=True)


class RunAnswer(serializers.Serializer[Any]):
    """One run: state, progress, and once it is done what seals it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    period = serializers.CharField()
    params = serializers.DictField(child=serializers.CharField())
    format = serializers.CharField()
    state = serializers.CharField()
    stage = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    requested_by = serializers.CharField()
    requested_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    cut_off_at = serializers.DateTimeField(allow_null=True)
    rows = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField()
    digest = serializers.CharField()
    size = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    standing = serializers.CharField()
    error_code = serializers.CharField()
    error = serializers.CharField()


class RunQuestion(StrictSerializer):
    """What a run is started with."""

    period = CodeField(max_length=24)
    format = WordField(Format.values)
    params = serializers.DictField(child=CodeField(max_length=200), required=False)


class ReportListAnswer(serializers.Serializer[Any]):
    """The reports of the centre, the caller's own first."""

    results = ReportAnswer(many=True)


class ReportList(PolicyAPIView):
    """The reports the caller may see."""

    policies = {"get": SIGNED_IN}

    @extend_schema(operation_id="reports_list", responses=ReportListAnswer)
    def get(self, request: Request) -> Response:
        """List reports, the caller's own first."""
        rows = selectors.centre(actor=self.actor, at=timezone.now())
        return Response({"results": ReportAnswer(rows, many=True).data})


class ReportRuns(PolicyViewSet):
    """Runs of one report; the report's own policy is judged in the service."""

    policies = dict.fromkeys(("list", "retrieve", "create", "file"), SIGNED_IN)
    serializer_class = RunAnswer
    queryset = ReportRun.objects.none()

    @extend_schema(operation_id="report_runs_list", responses=RunAnswer(many=True))
    def list(self, request: Request, name: str) -> Response:
        """List the runs of a report, newest first."""
        rows = self.paginate_queryset(selectors.visible_runs(name=name, actor=self.actor))
        answers = RunAnswer([describe(row) for row in rows or []], many=True)
        return self.get_paginated_response(answers.data)

    @extend_schema(
        operation_id="report_runs_create", request=RunQuestion, responses={202: RunAnswer}
    )
    def create(self, request: Request, name: str) -> Response:
        """Start a run; the same question that is already being answered is joined."""
        question = RunQuestion(data=request.data)
        question.is_valid(raise_exception=True)
        told = question.validated_data
        run = services.start(
            name=name,
            period=told["period"],
            fmt=told["format"],
            params=told.get("params", {}),
            actor=self.actor,
            at=timezone.now(),
        )
        place = reverse("report-run", kwargs={"name": name, "pk": run.id})
        return Response(RunAnswer(run).data, status=202, headers={"Location": place})

    @extend_schema(operation_id="report_runs_retrieve", responses=RunAnswer)
    def retrieve(self, request: Request, name: str, pk: int) -> Response:
        """Show one run with its progress."""
        run = selectors.run(run_id=pk, actor=self.actor, name=name)
        return Response(RunAnswer(run).data)

    @extend_schema(
        operation_id="report_runs_file",
        responses={(200, *MEDIA_TYPES.values()): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    @action(detail=True)
    def file(self, request: Request, name: str, pk: int) -> HttpResponseBase:
        """Send the sealed file; its hash is compared first and the ETag is that hash."""
        file = services.download(run_id=pk, actor=self.actor, at=timezone.now(), name=name)
        return FileResponse(
            file.path.open("rb"),
            as_attachment=True,
            filename=file.file_name,
            content_type=MEDIA_TYPES[Format(file.format)],
            headers={
                "ETag": f'"{file.sha256}"',
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )
