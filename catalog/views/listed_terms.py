"""What may not be said and what may not be sold: entries with a term, listed and ended."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.listings import BanKind, TermKind
from catalog.errors.goods import ThingMissing
from catalog.selectors import listings as selectors
from catalog.services import listing_rules as services
from catalog.views.listing_rules import COMPLIANCE, EDITORS, BackForm
from ops.engines.desk.screens import (
    Column,
    Done,
    Field,
    Filter,
    Group,
    ListPage,
    ListQuery,
    ListScreen,
    New,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_TERM = (
    Column("since", _("Since"), "day"),
    Column("until", _("Until"), "day"),
    Column("reason", _("Reason")),
)


class _Listed(ListScreen, abstract=True):
    """Entries with a term, the newest first; a row opens the form that ends it."""

    policy = may("catalog", "V")
    nav = "listings"
    order = "-id"
    export_policy = may("catalog", "E")
    end_url: ClassVar[str]

    def row_href(self, row: Any) -> str:
        """Open the form that ends it."""
        return reverse(self.end_url, args=[row.pk])


class _End(BackForm, abstract=True):
    """The form that asks from which day an entry no longer holds."""

    ended: ClassVar[str | Promise]
    row_key: ClassVar[str]

    @abstractmethod
    def end(self, row_id: int, *, until: dt.date, actor: Actor, at: dt.datetime) -> None:
        """End the entry through the service."""

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """End it; `row_key` names the entry in the address."""
        self.end(key[self.row_key], until=values["until"], actor=actor, at=at)
        return Done(message=self.ended)


class WordList(_Listed):
    """`/listed-words/`: what may not be said, and what needs evidence."""

    title = _("Listed words")
    columns = (
        Column("text", _("Word"), name=True),
        Column("kind", _("Kind"), value=lambda row: TermKind(row.kind).label),
        *_TERM,
    )
    filters = (
        Filter("q", _("Word"), "text"),
        Filter("kind", _("Kind"), choices=TermKind.choices),
    )
    new = New(_("List a word"), "catalog:listed_word_new", EDITORS)
    empty = _("No word is listed yet. List what the advertising law forbids first.")
    empty_href = "/listed-words/new/"
    empty_label = _("List a word")
    end_url = "catalog:listed_word_end"

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the words."""
        found = query.narrow(selectors.words(), "kind")
        if text := query.get("q"):
            found = found.filter(text__icontains=text)
        return query.page(found, orders={"id": "id"})


class WordForm(BackForm):
    """`/listed-words/new/`: one more word."""

    policy = EDITORS
    title = _("List a word")
    submit_label = _("List it")
    lead = _("Width, case, blanks and signs between characters hide no word.")
    back_to = "catalog:listed_words"
    groups = (
        Group(
            _("Word"),
            (
                Field("text", _("Word"), most=60),
                Field("kind", _("Kind"), "choice", choices=TermKind.choices),
                Field("since", _("Since"), "day"),
                Field("reason", _("Reason"), most=200, least=2),
            ),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """List it through the service."""
        services.list_word(**values, actor=actor, at=at)
        return Done(message=gettext("“%(word)s” is listed.") % {"word": values["text"]})


class WordEnd(_End):
    """`/listed-words/<id>/end/`: the day a word is free again."""

    policy = EDITORS
    title = _("Take a word off the list")
    submit_label = _("Take off")
    lead = _("What it found before stays found.")
    back_to = "catalog:listed_words"
    groups = (Group(_("Word"), (Field("until", _("Free again from"), "day"),)),)
    ended = _("The word comes off the list.")
    row_key = "word_id"

    def end(self, row_id: int, *, until: dt.date, actor: Actor, at: dt.datetime) -> None:
        """End the word."""
        services.end_word(word_id=row_id, until=until, actor=actor, at=at)


class BanList(_Listed):
    """`/forbidden-goods/`: what may not be sold, and what compliance looks at first."""

    title = _("Forbidden goods")
    columns = (
        Column("value", _("Compared with"), name=True, sub=lambda row: row.note),
        Column("kind", _("Kind"), value=lambda row: BanKind(row.kind).label),
        Column("is_hard", _("Refuses at once"), "flag"),
        *_TERM,
    )
    filters = (Filter("kind", _("Kind"), choices=BanKind.choices),)
    new = New(_("Forbid goods"), "catalog:forbidden_goods_new", COMPLIANCE)
    empty = _("Nothing is forbidden yet. Enter what the law does not let us sell.")
    empty_href = "/forbidden-goods/new/"
    empty_label = _("Forbid goods")
    end_url = "catalog:forbidden_goods_end"

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the entries."""
        return query.page(query.narrow(selectors.bans(), "kind"), orders={"id": "id"})


class BanForm(BackForm):
    """`/forbidden-goods/new/`: one more entry; a picture is given by its number."""

    policy = COMPLIANCE
    title = _("Forbid goods")
    submit_label = _("Forbid")
    back_to = "catalog:forbidden_goods"
    groups = (
        Group(
            _("Goods"),
            (
                Field("kind", _("Kind"), "choice", choices=BanKind.choices),
                Field(
                    "value",
                    _("Compared with"),
                    most=80,
                    hint=_("A word, a category's code, a brand, or the number of a picture kept."),
                ),
                Field("note", _("What it is"), required=False, most=120),
                Field(
                    "is_hard",
                    _("Refuse at once"),
                    "flag",
                    required=False,
                    hint=_("Unticked: compliance looks first."),
                ),
                Field("since", _("Since"), "day"),
                Field("reason", _("Reason"), most=200, least=2),
            ),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Enter it through the service."""
        note = values["note"] or ""
        if values["kind"] == BanKind.PICTURE:
            if not values["value"].isdecimal():
                raise ThingMissing("picture", values["value"])
            services.forbid_picture(
                picture_id=int(values["value"]),
                is_hard=values["is_hard"],
                note=note,
                reason=values["reason"],
                actor=actor,
                at=at,
            )
        else:
            services.forbid(**{**values, "note": note}, actor=actor, at=at)
        return Done(message=gettext("“%(what)s” is forbidden.") % {"what": note or values["value"]})


class BanEnd(_End):
    """`/forbidden-goods/<id>/end/`: the day goods may be sold again."""

    policy = COMPLIANCE
    title = _("Let goods be sold again")
    submit_label = _("Allow")
    back_to = "catalog:forbidden_goods"
    groups = (Group(_("Goods"), (Field("until", _("Allowed again from"), "day"),)),)
    ended = _("The goods may be sold again.")
    row_key = "ban_id"

    def end(self, row_id: int, *, until: dt.date, actor: Actor, at: dt.datetime) -> None:
        """End the entry."""
        services.end_ban(ban_id=row_id, until=until, actor=actor, at=at)
