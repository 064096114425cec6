"""FormScreen: one column of fields, format errors beside them, a check page where it matters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ops.engines.desk import drafts
from ops.engines.desk.base import Screen
from ops.engines.desk.cells import show
from ops.engines.desk.fields import (
    Bound,
    Field,
    Group,
    LineFields,
    Reading,
    blank_form,
    place_error,
    read_form,
)
from ops.engines.desk.proofs import demo_codes
from ops.engines.desk.records import Done
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import NotFound, OpsError
from ops.engines.kernel.parse import business_day

Text = str | Promise


class FormScreen(Screen, abstract=True):
    """A form. Subclass it, set `groups`, write `submit`, mount `as_view()`.

    `check=True` puts a page between typing and doing, for legal or money effect. `back_url`
    returns where 返回 leads. Drafts are kept on the server when `keeps_draft` says so.
    """

    template_name: ClassVar[str] = "desk/form.html"
    groups: ClassVar[Sequence[Group]] = ()
    submit_label: ClassVar[Text] = _("Save")
    check: ClassVar[bool] = False
    keeps_draft: ClassVar[bool] = False
    lead: ClassVar[Text] = ""

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return the groups of fields; override where they depend on the record."""
        return self.groups

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Return what stands in the form at first; raises NotFound."""
        return {}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Do it through a service; an OpsError with `field=` in its context lands beside it."""
        raise NotImplementedError

    def notices(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Sequence[tuple[str, Text]]:
        """Return warnings for the check page, such as a closed period."""
        return ()

    def back_url(self, **key: Any) -> str:
        """Return where leaving the form leads."""
        return "/"

    # --- Request handling -------------------------------------------------------------------

    def get(self, request: HttpRequest, *args: Any, **key: Any) -> HttpResponse:
        """Show the form as it stands before typing, with the offer of a kept draft."""
        groups = self.form_groups(actor=self.actor, **key)
        initial = dict(self.initial(actor=self.actor, at=self.at, **key))
        initial |= demo_codes(_fields(groups), request, actor=self.actor, at=self.at)
        asked = {k: v for k, v in request.GET.items() if k in _field_keys(groups)}
        reading = blank_form(_fields(groups), initial={**initial, **asked}, actor=self.actor)
        return self._page(request, groups, reading, key)

    def post(self, request: HttpRequest, *args: Any, **key: Any) -> HttpResponse:
        """Read the form, show the check page, or do it."""
        groups = self.form_groups(actor=self.actor, **key)
        if request.POST.get("step") == "draft":
            return drafts.keep(request, form=request.path, actor=self.actor, at=self.at)
        reading = read_form(
            _fields(groups),
            data=request.POST,
            files=request.FILES,
            actor=self.actor,
            today=business_day(self.at),
        )
        if reading.errors or request.POST.get("step") == "change":
            return self._page(request, groups, reading, key)
        if self.check and request.POST.get("step") != "do":
            return self._check_page(request, groups, reading, key)
        try:
            done = self.submit(values=reading.values, actor=self.actor, at=self.at, **key)
        except NotFound:
            raise
        except OpsError as refusal:
            place_error(reading, refusal)
            return self._page(request, groups, reading, key, status=refusal.status)
        if self.keeps_draft:
            drafts.drop(form=request.path, actor=self.actor)
        self.say(request, "success", str(done.message))
        return HttpResponseRedirect(done.href or self.back_url(**key))

    def _page(
        self,
        request: HttpRequest,
        groups: Sequence[Group],
        reading: Reading,
        key: Mapping[str, Any],
        *,
        status: int | None = None,
    ) -> HttpResponse:
        kept = None
        if self.keeps_draft and request.method == "GET":
            kept = drafts.kept(form=request.path, actor=self.actor, at=self.at)
        context = {
            "screen": self,
            "title": self.title,
            "groups": [
                (group, [reading.bound[each.key] for each in group.fields]) for group in groups
            ],
            "errors": reading.errors,
            "back": self.back_url(**key),
            "has_file": any(f.kind == "file" for f in _plain_fields(groups)),
            "draft": kept,
            **self.extra(reading=reading, actor=self.actor, **key),
        }
        code = status or (422 if reading.errors else 200)
        return render(request, self.template_name, context, status=code)

    def extra(self, *, reading: Reading, actor: Actor, **key: Any) -> Mapping[str, Any]:
        """Return more context for a template of one's own that extends `desk/form.html`."""
        return {}

    def _check_page(
        self,
        request: HttpRequest,
        groups: Sequence[Group],
        reading: Reading,
        key: Mapping[str, Any],
    ) -> HttpResponse:
        context = {
            "screen": self,
            "title": self.title,
            "groups": [(group, self._checked(group, reading)) for group in groups],
            "posted": [
                (name, value)
                for name, values in request.POST.lists()
                if name not in ("csrfmiddlewaretoken", "step")
                for value in values
            ],
            "notices": self.notices(values=reading.values, actor=self.actor, at=self.at, **key),
        }
        return render(request, "desk/check.html", context)

    def _checked(self, group: Group, reading: Reading) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for each in group.fields:
            value = reading.values.get(each.key)
            if isinstance(each, LineFields):
                rows.append(
                    {
                        "title": each.title,
                        "heads": [f.title for f in each.fields],
                        "lines": [
                            [_line_text(f, line.get(f.key), self.actor) for f in each.fields]
                            for line in value or ()
                        ],
                        "name": each.key,
                    }
                )
            elif each.kind != "hidden":
                text = each.shown(value, actor=self.actor)
                rows.append({"title": each.title, "text": text, "name": each.key})
        return rows


def _line_text(each: Field, value: Any, actor: Actor) -> str:
    kinds = {"money": "money", "quantity": "number"}
    if each.kind in kinds:
        return show(value, kinds[each.kind])
    return each.shown(value, actor=actor)


def _fields(groups: Sequence[Group]) -> list[Field | LineFields]:
    return [each for group in groups for each in group.fields]


def _plain_fields(groups: Sequence[Group]) -> list[Field]:
    return [each for each in _fields(groups) if isinstance(each, Field)]


def _field_keys(groups: Sequence[Group]) -> frozenset[str]:
    return frozenset(each.key for each in _plain_fields(groups))


__all__ = ["Bound", "Done", "Field", "FormScreen", "Group", "LineFields"]
