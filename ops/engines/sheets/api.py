"""Sheets over HTTP: which are mine, what stands on one, entries, hands, cases."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ops.engines.http import filters
from ops.engines.http.api import PolicyViewSet
from ops.engines.http.serializers import (
    CodeField,
    DayField,
    FlagField,
    IdField,
    MomentField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
)
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.errors import RuleViolation
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.sheets import rules, selectors, services
from ops.engines.sheets.choices import SheetState
from ops.engines.sheets.models import Case, Sheet
from ops.engines.sheets.types import Entry

MOST_ENTRIES = 200


class SheetSerializer(StrictSerializer):
    """One sheet in short."""

    id = IdField()
    number = CodeField()
    template = CodeField()
    scope_kind = StrictCharField(allow_blank=True)
    scope_id = IdField(allow_null=True)
    period = CodeField()
    state = CodeField()
    opened_at = MomentField()
    due_at = MomentField()
    signed_at = MomentField(allow_null=True)
    content_hash = StrictCharField(allow_blank=True)


class CaseSerializer(StrictSerializer):
    """One case in short."""

    id = IdField()
    number = CodeField()
    sheet_id = IdField()
    item = CodeField()
    state = CodeField()
    due_on = DayField()


class EntrySerializer(StrictSerializer):
    """One entry: the key makes sending it twice harmless."""

    item = CodeField()
    value = serializers.JSONField(allow_null=True)
    client_key = serializers.UUIDField()
    note = StrictCharField(required=False, allow_blank=True, max_length=500, lines=True)
    seen = QuantityField(required=False)
    entered_at = MomentField(required=False)


class EntriesSerializer(StrictSerializer):
    """Entries of one sheet, in the order they were made."""

    entries = EntrySerializer(many=True, allow_empty=False, max_length=MOST_ENTRIES)  # type: ignore[call-arg]


class SignSerializer(StrictSerializer):
    """A hand under the entries whose hash was shown."""

    content_hash = CodeField()


class ReasonSerializer(StrictSerializer):
    """A reason."""

    reason = StrictCharField(max_length=500, lines=True)


class RemedySerializer(StrictSerializer):
    """Why it happened, and what was done."""

    cause = StrictCharField(max_length=500, lines=True)
    remedy = StrictCharField(max_length=500, lines=True)


class NoteSerializer(StrictSerializer):
    """A closing note."""

    note = StrictCharField(max_length=500, lines=True)


class AnsweredSerializer(StrictSerializer):
    """What taking entries in did."""

    written = QuantityField()
    repeated = QuantityField()
    state = CodeField()
    done = QuantityField()
    total = QuantityField()
    is_filled = FlagField()


class SheetViewSet(PolicyViewSet):
    """Sheets of the caller's places; who fills in and signs is a matter of each kind of sheet."""

    serializer_class = SheetSerializer
    filters = {
        "template": filters.exact("template__key"),
        "state": filters.exact("state"),
        "period": filters.exact("period"),
        "number": filters.exact("number"),
    }
    orderings = ("-id", "due_at")
    policies = dict.fromkeys(
        ("list", "retrieve", "answers", "sign", "send_back", "void"), SIGNED_IN
    )

    def get_queryset(self) -> QuerySet[Sheet]:
        """Return the sheets of the caller's places."""
        return selectors.sheets(actor=self.actor)

    def list(self, request: Request) -> Response:
        """Return one page of sheets."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response([plain(asdict(selectors.info(each))) for each in rows])

    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one sheet with items, answers, hands and sample."""
        return Response(self._detail(int(pk)))

    @extend_schema(request=EntriesSerializer, responses=AnsweredSerializer)
    @action(detail=True, methods=["post"])
    def answers(self, request: Request, pk: str) -> Response:
        """Take entries in; those sent before count once."""
        sent = _read(EntriesSerializer, request)
        try:
            done = services.answer(
                sheet_id=int(pk),
                entries=[_entry(each) for each in sent["entries"]],
                actor=self.actor,
                at=timezone.now(),
            )
        except RuleViolation as refusal:
            _point_into(refusal, sent["entries"])
            raise
        return Response(
            {
                "written": done.written,
                "repeated": done.repeated,
                "state": done.state,
                "done": done.done,
                "total": done.total,
                "is_filled": done.state == SheetState.FILLED,
            }
        )

    @extend_schema(request=SignSerializer)
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: str) -> Response:
        """Put the caller's hand under the entries of a hash."""
        sent = _read(SignSerializer, request)
        services.sign(
            sheet_id=int(pk),
            content_hash=sent["content_hash"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(self._detail(int(pk)))

    @extend_schema(request=ReasonSerializer)
    @action(detail=True, methods=["post"], url_path="return")
    def send_back(self, request: Request, pk: str) -> Response:
        """Give a sheet back to be filled in again."""
        sent = _read(ReasonSerializer, request)
        services.send_back(
            sheet_id=int(pk), reason=sent["reason"], actor=self.actor, at=timezone.now()
        )
        return Response(self._detail(int(pk)))

    @extend_schema(request=ReasonSerializer)
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: str) -> Response:
        """Put a sheet that was opened by mistake out of use."""
        sent = _read(ReasonSerializer, request)
        services.void(sheet_id=int(pk), reason=sent["reason"], actor=self.actor, at=timezone.now())
        return Response(self._detail(int(pk)))

    def _detail(self, pk: int) -> dict[str, Any]:
        found = selectors.detail(sheet_id=pk, actor=self.actor)
        described = plain(asdict(found.sheet))
        return {
            **described,
            "title": found.title,
            "scope_name": found.scope_name,
            "version": found.version,
            "content_hash": found.current_hash,
            "items": rules.document(found.items),
            "answers": [plain(asdict(each)) for each in found.answers.values()],
            "signers": list(found.signers),
            "signatures": [plain(asdict(each)) for each in found.signatures],
            "returned_reason": found.returned_reason,
            "void_reason": found.void_reason,
            "sample": list(found.sample),
        }


class CaseViewSet(PolicyViewSet):
    """Cases on the caller's sheets."""

    serializer_class = CaseSerializer
    filters = {
        "state": filters.exact("state"),
        "template": filters.exact("sheet__template__key"),
    }
    orderings = ("-id", "due_on")
    policies = dict.fromkeys(("list", "retrieve", "remedy", "close"), SIGNED_IN)

    def get_queryset(self) -> QuerySet[Case]:
        """Return the cases of the caller's places."""
        return selectors.cases(actor=self.actor)

    def list(self, request: Request) -> Response:
        """Return one page of cases."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response([_case(each) for each in rows])

    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one case in full."""
        return Response(_case(selectors.case(case_id=int(pk), actor=self.actor)))

    @extend_schema(request=RemedySerializer)
    @action(detail=True, methods=["post"])
    def remedy(self, request: Request, pk: str) -> Response:
        """Say why it happened and what was done."""
        sent = _read(RemedySerializer, request)
        services.remedy_case(case_id=int(pk), **sent, actor=self.actor, at=timezone.now())
        return self.retrieve(request, pk)

    @extend_schema(request=NoteSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Close a case that another person put right."""
        sent = _read(NoteSerializer, request)
        services.close_case(case_id=int(pk), note=sent["note"], actor=self.actor, at=timezone.now())
        return self.retrieve(request, pk)


def _case(row: Case) -> dict[str, Any]:
    described: dict[str, Any] = plain(asdict(selectors.case_info(row)))
    return {
        **described,
        "found": row.found,
        "owner_role": row.owner_role,
        "cause": row.cause,
        "remedy": row.remedy,
        "closing_note": row.closing_note,
    }


def _point_into(refusal: RuleViolation, entries: list[dict[str, Any]]) -> None:
    """Let a refusal that names an item point to the last entry about it in the body."""
    named = refusal.context.get("field")
    found = [place for place, entry in enumerate(entries) if entry["item"] == named]
    if found:
        refusal.context["field"] = f"entries.{found[-1]}"


def _entry(sent: dict[str, Any]) -> Entry:
    return Entry(
        item=sent["item"],
        value=sent["value"],
        client_key=uuid.UUID(str(sent["client_key"])),
        note=sent.get("note", ""),
        seen=sent.get("seen"),
        entered_at=sent.get("entered_at"),
    )


def _read(kind: type[StrictSerializer], request: Request) -> dict[str, Any]:
    sent = kind(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)
