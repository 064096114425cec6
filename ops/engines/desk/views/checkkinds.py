"""What is asked: the kinds of sheets with their versions, and asking for other items."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from ops.engines.desk.base import Screen
from ops.engines.desk.cells import Column, Lines
from ops.engines.desk.fields import Field, Group, LineFields
from ops.engines.desk.filters import loose_number
from ops.engines.desk.forms import FormScreen
from ops.engines.desk.records import Action, Done, Fact, FactGroup, Record, RecordScreen, Related
from ops.engines.desk.words import role_name
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.sheets import selectors, services
from ops.engines.sheets.choices import ItemKind
from ops.engines.sheets.errors import SheetMissing
from ops.engines.sheets.models import TemplateVersion
from ops.engines.sheets.templates import Template, template_named, templates
from ops.engines.sheets.types import ItemSpec, Option, Words


class Kinds(Screen):
    """`/sheets/kinds/`: every kind of sheet this actor may see."""

    policy = SIGNED_IN
    title = _("What is asked")
    nav = "sheets"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them with who fills in, who signs, and when they open."""
        found = [each for each in templates().values() if each.read.allows(self.actor)]
        lines = Lines(
            _("Kinds of sheets"),
            [
                Column("title", _("Check or form"), href=_href, value=lambda kind: str(kind.title)),
                Column("signers", _("Signed by"), value=_signers),
                Column("cadence", _("Opened"), value=_opened),
                Column("clauses", _("Clauses"), "code", value=lambda k: " ".join(k.clauses)),
            ],
            sorted(found, key=lambda kind: str(kind.title)),
            empty=_("No sheet is declared for your position."),
        )
        context = {
            "screen": self,
            "title": self.title,
            "lines": lines,
            "rows": lines.shown(self.at),
        }
        return render(request, "desk/checkkinds.html", context)


class Kind(RecordScreen):
    """`/sheets/kinds/<key>/`: the items in force, and every version before."""

    policy = SIGNED_IN
    nav = "sheets"
    list_url_name = "desk:sheet-kinds"
    list_title = _("What is asked")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the kind; raises SheetMissing."""
        kind = _visible(str(key["key"]), actor)
        versions = list(TemplateVersion.objects.filter(template__key=kind.key).order_by("-number"))
        items = _items_now(kind, versions, business_day(at))
        return Record(
            number=str(kind.title),
            actions=[
                Action(
                    key="change",
                    label=_("Ask for other items"),
                    href=reverse("desk:sheet-kind-change", args=[kind.key]),
                )
            ],
            facts=[
                FactGroup(
                    title=_("Check or form"),
                    facts=[
                        Fact(title=_("Filled in by"), value=_roles(kind.fillers)),
                        Fact(title=_("Signed by"), value=_signers(kind)),
                        Fact(title=_("Owner"), value=role_name(kind.owner)),
                        Fact(title=_("Opened"), value=_opened(kind)),
                    ],
                )
            ],
            lines=[_item_lines(items), _version_lines(versions)],
            related=[
                Related(
                    title=now("Sheets of this kind"),
                    href=f"{reverse('desk:sheets')}?kind={kind.key}",
                )
            ],
            clauses=kind.clauses,
            subject=("sheets.template", versions[0].template_id) if versions else None,
        )


class KindForm(FormScreen):
    """`/sheets/kinds/<key>/change/`: hand other items to the owner, from a day on."""

    policy = SIGNED_IN
    title = _("Ask for other items")
    nav = "sheets"
    submit_label = _("Hand in to the owner")
    lead = _("Sheets that are open keep the items they were opened with.")
    groups = (
        Group(
            _("Change"),
            (
                Field("valid_from", _("Valid from"), "day"),
                Field("reason", _("Reason"), "lines", least=1, most=500),
            ),
        ),
        Group(
            _("Items"),
            (
                LineFields(
                    "items",
                    _("Items"),
                    (
                        Field("key", _("Key"), "code", most=40),
                        Field("title", _("Question"), most=200),
                        Field("kind", _("Kind"), "choice", choices=ItemKind.choices),
                        Field("required", _("Required"), "flag", required=False),
                        Field("answers", _("Answers or columns"), required=False, most=400),
                        Field("abnormal", _("Abnormal answer"), required=False),
                        Field("least", _("Least"), required=False, most=20),
                        Field("most", _("Most"), required=False, most=20),
                        Field("unit", _("Unit"), required=False, most=20),
                    ),
                    hint=_("Answers and columns: key=words, separated by semicolons."),
                ),
            ),
        ),
    )

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Start with the items in force."""
        kind = _visible(str(key["key"]), actor)
        versions = list(TemplateVersion.objects.filter(template__key=kind.key).order_by("-number"))
        items = _items_now(kind, versions, business_day(at))
        return {"valid_from": business_day(at), "items": [_line(item) for item in items]}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Hand it in."""
        kind = _visible(str(key["key"]), actor)
        held = {item.key: item for item in kind.specs()}
        asked = services.propose_version(
            template=kind.key,
            items=[_read(line, held.get(line["key"])) for line in values["items"]],
            valid_from=values["valid_from"],
            reason=values["reason"],
            actor=actor,
            at=at,
        )
        return Done(
            message=now("%(number)s is with its owner.") % {"number": asked.number},
            href=reverse("desk:sheet-kind", args=[kind.key]),
        )

    def back_url(self, **key: Any) -> str:
        """Lead to the kind."""
        return reverse("desk:sheet-kind", args=[key["key"]])


def _visible(key: str, actor: Actor) -> Template:
    if key not in templates() or not template_named(key).read.allows(actor):
        raise SheetMissing
    return template_named(key)


def _items_now(
    kind: Template, versions: Sequence[TemplateVersion], today: dt.date
) -> list[ItemSpec]:
    own = (each for each in versions if not each.is_declared and each.valid_from <= today)
    newest = next(own, None)
    return kind.specs() if newest is None else selectors.items_of(newest)


def _item_lines(items: Sequence[ItemSpec]) -> Lines:
    return Lines(
        _("Items in force"),
        [
            Column("title", _("Question"), value=lambda item: str(item.title)),
            Column("kind", _("Kind"), value=lambda item: item.kind.label),
            Column("required", _("Required"), "flag", value=lambda item: item.is_required),
            Column("abnormal", _("Abnormal"), value=_abnormal),
        ],
        items,
    )


def _version_lines(versions: Sequence[TemplateVersion]) -> Lines:
    return Lines(
        _("Versions"),
        [
            Column("number", _("Version"), "number"),
            Column("valid_from", _("Valid from"), "day"),
            Column("items", _("Items"), "number", value=lambda each: len(each.items)),
            Column("declared", _("Declared"), "flag", value=lambda each: each.is_declared),
            Column(
                "approval",
                _("Approval"),
                value=lambda each: (
                    now("Request %(id)s") % {"id": each.approval_id} if each.approval_id else ""
                ),
                href=lambda each: (
                    reverse("desk:approval", args=[each.approval_id]) if each.approval_id else ""
                ),
            ),
            Column("hash", _("Content hash"), "code", value=lambda each: each.content_hash[:12]),
        ],
        versions,
        empty=_("The first sheet enters the first version."),
    )


def _abnormal(item: ItemSpec) -> str:
    if item.kind is ItemKind.NUMBER and (item.least is not None or item.most is not None):
        ends = [format(each, "f") if each is not None else "…" for each in (item.least, item.most)]
        return now("outside %(least)s to %(most)s %(unit)s") % {
            "least": ends[0],
            "most": ends[1],
            "unit": item.unit,
        }
    words = {"yes": now("Yes"), "no": now("No")}
    return now(", ").join(words.get(each, item.option(each)) for each in item.abnormal)


def _line(item: ItemSpec) -> dict[str, Any]:
    return {
        "key": item.key,
        "title": item.title.zh,
        "kind": str(item.kind),
        "required": item.is_required,
        "answers": "; ".join(f"{each.key}={each.title.zh}" for each in item.options),
        "abnormal": " ".join(item.abnormal),
        "least": "" if item.least is None else format(item.least, "f"),
        "most": "" if item.most is None else format(item.most, "f"),
        "unit": item.unit.zh,
    }


def _read(line: Mapping[str, Any], held: ItemSpec | None) -> ItemSpec:
    """Return the item a line asks for; English words stay where the Chinese ones did."""
    same = held is not None and held.title.zh == line["title"]
    return ItemSpec(
        key=line["key"],
        title=held.title if held is not None and same else Words(line["title"]),
        kind=ItemKind(line["kind"]),
        is_required=bool(line.get("required")),
        hint=held.hint if held is not None and same else Words(""),
        abnormal=tuple((line.get("abnormal") or "").split()),
        least=_limit(line.get("least")),
        most=_limit(line.get("most")),
        unit=Words(line.get("unit") or ""),
        options=_options(line.get("answers") or ""),
    )


def _limit(text: Any) -> Decimal | None:
    return parse.money(loose_number(str(text)), places=4, negative=True) if text else None


def _options(text: str) -> tuple[Option, ...]:
    pairs = (each.strip().partition("=") for each in text.replace("；", ";").split(";"))
    return tuple(
        Option(key.strip(), Words((words or key).strip())) for key, _m, words in pairs if key
    )


def _href(kind: Template) -> str:
    return reverse("desk:sheet-kind", args=[kind.key])


def _opened(kind: Template) -> str:
    return str(kind.cadence.label) if kind.cadence is not None else now("by hand")


def _signers(kind: Template) -> str:
    return now(", then ").join(role_name(role) for role in kind.signers)


def _roles(roles: Sequence[str]) -> str:
    return now(", ").join(role_name(role) for role in roles)
