"""What is added to a listing: pictures, evidence of words, mandatory documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.listings import Angle
from catalog.models import ListedWord
from catalog.rules.listing import wording
from catalog.rules.listing.content import kept
from catalog.selectors import listing_grounds
from catalog.selectors import listings as selectors
from catalog.services import listings as services
from catalog.views.listing_forms import OfListing
from catalog.views.listings import WRITE
from ops.engines.desk.screens import Done, Field, Group
from ops.engines.kernel.actor import Actor
from ops.engines.revisions import selectors as versions

_UPLOAD = Field("file", _("Picture"), "file", accept=".png,.jpg,.jpeg,.webp")


_PAPER = Field("file", _("File"), "file", accept=".pdf,.png,.jpg,.jpeg")


class PictureForm(OfListing):
    """`/listings/<id>/picture/`: one picture, judged as it comes in."""

    policy = WRITE
    title = _("Add a picture")
    submit_label = _("Upload")
    lead = _("Size and shape are judged at once by the rule of the category.")
    groups = (
        Group(
            _("Picture"),
            (
                _UPLOAD,
                Field("angle", _("Angle"), "choice", choices=Angle.choices),
                Field(
                    "original",
                    _("Original"),
                    "file",
                    required=False,
                    accept=".png,.jpg,.jpeg,.webp",
                    hint=_("If it was edited: the picture as it was taken."),
                ),
                Field("edit_note", _("What was edited"), required=False, most=200),
            ),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Take it in through the service."""
        original = values["original"]
        made = services.add_picture(
            listing_id=key["listing_id"],
            angle=values["angle"],
            name=values["file"].name,
            data=values["file"].read(),
            original=(original.name, original.read()) if original else None,
            edit_note=values["edit_note"] or "",
            actor=actor,
            at=at,
        )
        words = gettext("Kept: %(width)s by %(height)s pixels.") % {
            "width": made.width,
            "height": made.height,
        }
        if made.twin_of is not None:
            words += " " + gettext("It looks like one that is there: show another angle.")
        return self.done(words, **key)


class ProofForm(OfListing):
    """`/listings/<id>/proof/`: evidence for a superlative, or for what the fact sheet denies."""

    policy = WRITE
    title = _("Attach evidence")
    submit_label = _("Attach")

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return the fields; words are those on the list now and the facts of the goods."""
        words = list(
            ListedWord.objects.filter(until__isnull=True, kind="superlative")
            .order_by("text")
            .values_list("text", flat=True)
        )
        row = selectors.listing(listing_id=key["listing_id"], actor=actor, at=self.at)
        on = listing_grounds.grounds(listing_ids=[row.pk], at=self.at)[row.pk]
        words += [one.title for one in on.demands.attributes]
        waiting = versions.open_of(kind=services.KIND, subject_id=row.pk)
        if waiting is not None:
            words += wording.cited(kept(waiting.content))
        return (
            Group(
                _("Evidence"),
                (
                    Field(
                        "word",
                        _("Word or fact"),
                        "choice",
                        choices=[(one, one) for one in dict.fromkeys(words)],
                    ),
                    _PAPER,
                    Field("note", _("What it shows"), most=200, required=False),
                ),
            ),
        )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep it through the service."""
        services.add_proof(
            listing_id=key["listing_id"],
            word=values["word"],
            name=values["file"].name,
            data=values["file"].read(),
            note=values["note"] or "",
            actor=actor,
            at=at,
        )
        return self.done(gettext("The evidence is kept."), **key)


class PaperForm(OfListing):
    """`/listings/<id>/paper/`: a document the category demands of its goods."""

    policy = WRITE
    title = _("Add a document")
    submit_label = _("Keep")

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return the fields; documents are those the category demands."""
        row = selectors.listing(listing_id=key["listing_id"], actor=actor, at=self.at)
        on = listing_grounds.grounds(listing_ids=[row.pk], at=self.at)[row.pk]
        return (
            Group(
                _("Document"),
                (
                    Field("key", _("Document"), "choice", choices=on.demands.documents),
                    _PAPER,
                ),
            ),
        )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep it through the service."""
        services.add_paper(
            listing_id=key["listing_id"],
            key=values["key"],
            name=values["file"].name,
            data=values["file"].read(),
            actor=actor,
            at=at,
        )
        return self.done(gettext("The document is kept."), **key)
