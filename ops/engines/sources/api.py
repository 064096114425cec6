"""Outside sources over REST: what is owed, what came, and sending a file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.serializers import (
    CodeField,
    IdField,
    MomentField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
)
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.sources import selectors, services
from ops.engines.sources.errors import SourceMissing
from ops.engines.sources.models import SentFile, Source
from ops.engines.tables.limits import DEFAULT

_OPEN = dict.fromkeys(("list", "retrieve"), SIGNED_IN)


class SourceAnswer(StrictSerializer):
    """One source: when figures are owed, and when the newest came."""

    id = IdField()
    code = CodeField()
    title = StrictCharField()
    profile = CodeField()
    rhythm = CodeField()
    weekday = QuantityField()
    hour = QuantityField()
    owner = CodeField()
    licence = StrictCharField()
    opened_at = MomentField()
    closed_at = MomentField(allow_null=True)
    last_at = MomentField(allow_null=True)
    waiting = QuantityField()


class SentFileAnswer(StrictSerializer):
    """One file that was sent, and what came of it."""

    id = IdField()
    source = CodeField(source="source.code")  # type: ignore[assignment]
    file_name = StrictCharField()
    sha256 = CodeField()
    state = CodeField()
    message = StrictCharField()
    batch = IdField(source="batch_id", allow_null=True)
    sent_at = MomentField()
    read_at = MomentField(allow_null=True)


class FileQuestion(StrictSerializer):
    """A file as it came, with the source it belongs to."""

    source = CodeField(max_length=40)  # type: ignore[assignment]
    file = serializers.FileField()


class SourceViewSet(ReadViewSet):
    """The sources whose figures the caller may see."""

    policies = _OPEN
    queryset = Source.objects.none()
    serializer_class = SourceAnswer
    filters = {"code": filters.exact("code"), "profile": filters.exact("profile")}
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show what the caller may see."""
        return selectors.sources(actor=self.actor)


class SentFileViewSet(ReadViewSet):
    """The files of these sources; a new one waits in the house's own folder to be read."""

    policies = {**_OPEN, "create": SIGNED_IN}
    queryset = SentFile.objects.none()
    serializer_class = SentFileAnswer
    parser_classes = (MultiPartParser,)
    max_body: ClassVar[int] = DEFAULT.file_bytes
    filters = {"source": filters.exact("source__code"), "state": filters.exact("state")}
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show what the caller may see."""
        return selectors.files(actor=self.actor)

    @extend_schema(request=FileQuestion, responses={201: SentFileAnswer})
    def create(self, request: Request) -> Response:
        """Send a file; the same bytes again have no second effect."""
        asked = FileQuestion(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        source = selectors.sources(actor=self.actor).filter(code=said["source"]).first()
        if source is None:
            raise SourceMissing(said["source"])
        upload = said["file"]
        with tempfile.NamedTemporaryFile(prefix="guifan-upload-") as kept:
            for block in upload.chunks():
                kept.write(block)
            kept.flush()
            sent = services.send_file(
                source_id=source.pk,
                path=Path(kept.name),
                name=upload.name or "figures.csv",
                actor=self.actor,
                at=timezone.now(),
            )
        row = selectors.files(actor=self.actor).get(pk=sent.id)
        return Response(SentFileAnswer(row).data, status=200 if sent.known else 201)
