"""Filling a check or form in, on a phone first: the whole sheet is sent at once, entries come up.

The device keeps every entry until the server answers; the same entry sent twice counts once.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ops.engines.desk import checks
from ops.engines.desk.base import Screen
from ops.engines.desk.filing import handed_out
from ops.engines.files import services as files
from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput, NotFound, OpsError
from ops.engines.kernel.policy import PUBLIC, SIGNED_IN
from ops.engines.sheets import selectors, services
from ops.engines.sheets.choices import ItemKind
from ops.engines.sheets.errors import SheetSettled
from ops.engines.sheets.templates import template_named
from ops.engines.sheets.types import Entry, SheetDetail

MOST_BODY = 64 * 1024


class FillSheet(Screen):
    """`/sheets/<id>/fill/`: every item of a sheet; entries come up one at a time."""

    policy = SIGNED_IN
    nav = "sheets"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send the whole sheet."""
        detail = selectors.detail(sheet_id=pk, actor=self.actor)
        if detail.signatures or not detail.next_role or detail.void_reason:
            raise SheetSettled
        template = template_named(detail.sheet.template)
        context = {
            "screen": self,
            "title": f"{detail.title} {detail.scope_name}".strip(),
            "detail": detail,
            "items": _shown(detail),
            "layout": template.layout,
            "person": self.actor,
            "back": reverse("desk:sheet", args=[pk]),
            "scope": reverse("desk:sheets"),
        }
        return render(request, "desk/checkfill.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take one entry; the device keeps it until this answers."""
        try:
            entry = self._entry(request, pk)
            done = services.answer(sheet_id=pk, entries=[entry], actor=self.actor, at=self.at)
        except OpsError as refusal:
            body = {"code": refusal.code, "words": str(refusal)}
            return JsonResponse(body, status=refusal.status)
        seen = done.answer_ids.get(entry.item, 0)
        return JsonResponse({"seen": seen, "done": done.done, "state": done.state})

    def _entry(self, request: HttpRequest, pk: int) -> Entry:
        data = request.POST
        value = _read_json(data.get("value", ""))
        photos = request.FILES.getlist("photo")
        if photos:
            held = value if isinstance(value, list) else []
            added = [self._attach(each, pk) for each in photos]
            value = list(dict.fromkeys([*held, *added]))
        moment = data.get("entered_at", "")
        seen = data.get("seen", "")
        return Entry(
            item=parse.code(data.get("item", "")),
            value=value,
            note=data.get("note", ""),
            client_key=_key(data.get("client_id", "")),
            seen=parse.quantity(seen) if seen else None,
            entered_at=parse.moment(moment) if moment else None,
        )

    def _attach(self, photo: UploadedFile[Any], pk: int) -> int:
        return services.attach(
            sheet_id=pk,
            name=str(photo.name),
            data=photo.read(),
            actor=self.actor,
            at=self.at,
        ).id


class Photo(Screen):
    """`/sheets/photos/<id>/`: one photo of a sheet, checked against its hash."""

    policy = SIGNED_IN

    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        """Hand it out to who may see the sheet."""
        del request
        found = files.open_file(attachment_id=pk, actor=self.actor)
        if found.info.object_type != selectors.SUBJECT:
            raise NotFound("files.missing", _("No such file."))
        return handed_out(found)


class Worker(Screen):
    """`/sheets/worker.js`: the script that keeps opened sheets on the device; it holds no data."""

    policy = PUBLIC

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send the script from an address above the sheets, which is how far it may reach."""
        del request
        place = finders.find("desk/worker.js")
        text = Path(str(place)).read_text(encoding="utf-8")
        answer = HttpResponse(text, content_type="text/javascript; charset=utf-8")
        answer["Cache-Control"] = "no-cache"
        return answer


def _shown(detail: SheetDetail) -> list[dict[str, Any]]:
    """Return the items with what stands on them, as the template writes them."""
    rows = []
    for line in checks.answer_rows(detail, {}):
        value = line.answer.value if line.answer else None
        item = line.item
        rows.append(
            {
                "item": item,
                "is_answered": value is not None,
                "seen": line.answer.id if line.answer else 0,
                "value": value if isinstance(value, str) else "",
                "is_there": item.kind is ItemKind.SIGNATURE and value is not None,
                "photos": checks.photos_of(line),
                "rows": _cells(item, value),
                "note": line.answer.note if line.answer else "",
                "options": [("yes", _("Yes")), ("no", _("No"))]
                if item.kind is ItemKind.YES_NO
                else [(each.key, str(each.title)) for each in item.options],
                "text": line.text,
            }
        )
    return rows


def _cells(item: Any, value: Any) -> list[list[tuple[str, str, str]]]:
    if item.kind is not ItemKind.TABLE:
        return []
    kept = value if isinstance(value, list) else []
    return [
        [(each.key, str(each.title), row.get(each.key, "")) for each in item.options]
        for row in [*kept, {}]
    ]


def _read_json(text: str) -> Any:
    if len(text) > MOST_BODY:
        raise BadInput("sheets.too_long", _("This entry is too long."))
    try:
        return json.loads(text) if text else None
    except ValueError as error:
        raise BadInput("sheets.value", _("This entry cannot be read.")) from error


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise BadInput("sheet.client_id", _("This entry carries no usable id.")) from error
