"""SheetScreen: one item a screen on a phone, entered with digits or the trigger, offline too.

Every entry is on the device before the screen answers and goes up when there is a network, under a
client id of its own: the same entry sent twice must have one effect, which the service sees to.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ops.engines.desk.base import Screen
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, NotFound, OpsError

Text = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetItem:
    """One item of a sheet: where it lies, what it is, the codes that mean it.

    A blind sheet never carries the book quantity; `entered` is what this person entered before,
    `words` what its further fields hold already, by the name of the field ("extra-bad",
    "word-lot"); `demand` says what must be given.
    """

    key: str
    place: Text
    title: Text
    detail: Text = ""
    codes: Sequence[str] = ()
    entered: int | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    demand: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """One more thing asked of an item: a number such as damaged pieces, a code, a day."""

    key: str
    title: Text
    kind: str = "number"
    hint: Text = ""

    @property
    def name(self) -> str:
        """Return the name its field goes up under."""
        return f"extra-{self.key}" if self.kind == "number" else f"word-{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a code that no item carries turned out to mean: codes of the item, pieces, words.

    `words` are keyed by the name of the field ("word-lot"); `match` names the field by which one of
    several items of the same code is told apart.
    """

    codes: Sequence[str]
    pieces: int = 0
    words: Mapping[str, str] = field(default_factory=dict)
    match: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A whole sheet: it is sent to the device at once, so that a lost network stops nobody."""

    title: Text
    note: Text = ""
    items: Sequence[SheetItem] = ()
    extras: Sequence[Extra] = ()
    may_be_empty: bool = True
    reads_cartons: bool = False
    done_href: str = ""
    done_label: Text = ""
    more_href: str = ""
    more_label: Text = ""
    back_href: str = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetEntry:
    """One entry as it came up: `client_id` is unique for ever, `entered_at` the device's time.

    `extras` holds numbers, `words` codes and days as they were typed.
    """

    client_id: uuid.UUID
    item: str
    quantity: int
    extras: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    undoes: uuid.UUID | None = None
    entered_at: dt.datetime | None = None


class SheetScreen(Screen, abstract=True):
    """A sheet. Subclass it, write `load` and `enter`, mount `as_view()`."""

    template_name: ClassVar[str] = "desk/sheet.html"

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Sheet:
        """Return the sheet; raises NotFound."""
        raise NotImplementedError

    def enter(self, *, entry: SheetEntry, actor: Actor, at: dt.datetime, **key: Any) -> str:
        """Take one entry through a service, once per client id, and return a word of success."""
        raise NotImplementedError

    def resolve(self, *, code: str, actor: Actor, at: dt.datetime, **key: Any) -> Scanned:
        """Say what a scanned code means that no item carries; raises NotFound, BadInput."""
        raise NotFound("sheet.code_unknown", _("Nothing on this sheet has this code."))

    def get(self, request: HttpRequest, *args: Any, **key: Any) -> HttpResponse:
        """Send the whole sheet, or what one scanned code means."""
        if "carton" in request.GET:
            return self._answer_carton(request.GET["carton"], **key)
        sheet = self.load(actor=self.actor, at=self.at, **key)
        context = {"screen": self, "title": sheet.title, "sheet": sheet, "person": self.actor}
        return render(request, self.template_name, context)

    def _answer_carton(self, code: str, **key: Any) -> HttpResponse:
        try:
            found = self.resolve(code=code, actor=self.actor, at=self.at, **key)
        except OpsError as refusal:
            body = {"code": refusal.code, "words": str(refusal)}
            return JsonResponse(body, status=refusal.status)
        return JsonResponse(
            {
                "codes": list(found.codes),
                "pieces": found.pieces,
                "words": dict(found.words),
                "match": found.match,
            }
        )

    def post(self, request: HttpRequest, *args: Any, **key: Any) -> HttpResponse:
        """Take one entry; the device keeps it until this answers."""
        try:
            entry = read_entry(request.POST)
            words = self.enter(entry=entry, actor=self.actor, at=self.at, **key)
        except OpsError as refusal:
            body = {"code": refusal.code, "words": str(refusal)}
            return JsonResponse(body, status=refusal.status)
        return JsonResponse({"words": words or _("Saved."), "stale": self.is_stale(entry, **key)})

    def is_stale(self, entry: SheetEntry, **key: Any) -> bool:
        """Say whether an entry made items that the device's sheet does not know."""
        return False


def read_entry(data: Mapping[str, str]) -> SheetEntry:
    """Read an entry strictly; raises BadInput."""
    extras = {
        name.removeprefix("extra-"): parse.quantity(value)
        for name, value in data.items()
        if name.startswith("extra-") and value
    }
    words = {
        name.removeprefix("word-"): parse.text(value.strip())
        for name, value in data.items()
        if name.startswith("word-") and value.strip()
    }
    at = data.get("entered_at", "")
    return SheetEntry(
        client_id=_id(data.get("client_id", "")),
        item=parse.code(data.get("item", "")),
        quantity=parse.quantity(data.get("quantity", "")),
        extras=extras,
        words=words,
        undoes=_id(data["undoes"]) if data.get("undoes") else None,
        entered_at=parse.moment(at) if at else None,
    )


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise BadInput("sheet.client_id", _("This entry carries no usable id.")) from error
