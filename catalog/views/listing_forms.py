"""The forms of a listing: begin, write, upload, attest, take off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.listings import DelistingKind, DelistingReason, Truth
from catalog.errors.goods import ThingMissing
from catalog.models import Product
from catalog.rules.listing import judging
from catalog.rules.listing.content import MOST_SECTION, MOST_TITLE, SECTIONS
from catalog.selectors import listing_grounds
from catalog.selectors import listings as selectors
from catalog.services import delisting
from catalog.services import listings as services
from catalog.views.listings import ATTEST, WRITE, channel_choices
from ops.engines.desk.screens import Done, Field, FormScreen, Group
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may
from ops.engines.revisions import selectors as versions


class ListingNew(FormScreen):
    """`/listings/new/`: one product in one channel."""

    policy = WRITE
    title = _("List a product")
    nav = "listings"
    submit_label = _("Begin")
    lead = _("A product has one listing in a channel; its variants are sold under it.")
    groups = (
        Group(
            _("Goods"),
            (
                Field("product", _("Product code"), "code", most=64),
                Field("channel", _("Channel"), "choice", choices=channel_choices),
            ),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Open it through the service and go on writing."""
        product = (
            Product.objects.filter(code=values["product"]).values_list("pk", flat=True).first()
        )
        if product is None:
            raise ThingMissing("product", values["product"])
        made = services.open_listing(
            product_id=product, channel_id=int(values["channel"]), actor=actor, at=at
        )
        return Done(
            message=gettext("%(number)s: write the texts, then add pictures.")
            % {"number": made.number},
            href=reverse("catalog:listing_edit", args=[made.id]),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the list."""
        return reverse("catalog:listings")


class OfListing(FormScreen, abstract=True):
    nav = "listings"

    def back_url(self, **key: Any) -> str:
        """Return to the listing."""
        return reverse("catalog:listing", args=[key["listing_id"]])

    def done(self, message: str, **key: Any) -> Done:
        """Say what was done, on the listing's page."""
        return Done(message=message, href=self.back_url(**key))


class ListingForm(OfListing):
    """`/listings/<id>/edit/`: the next version, every section worded as its category words it."""

    policy = WRITE
    title = _("Write the listing")
    submit_label = _("Save the draft")
    lead = _("What is live stays live until the new version is approved.")

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return the fields; pictures and reviews are those kept for these goods."""
        row = selectors.listing(listing_id=key["listing_id"], actor=actor, at=self.at)
        on = listing_grounds.grounds(listing_ids=[row.pk], at=self.at)[row.pk]
        titles = on.rule.titles or {}
        pictures = [
            (str(one.pk), f"{one.get_angle_display()} · {one.file.name}")
            for one in selectors.pictures(listing_id=row.pk)
        ]
        reviews = [
            (
                str(one.pk),
                f"{one.get_result_display()} · {one.standard} · {one.report_no} · {one.expires_on}",
            )
            for one in selectors.reviews(product_id=row.product_id)
        ]
        return (
            Group(
                _("Texts"),
                (
                    Field("title", _("Title"), most=MOST_TITLE),
                    *(
                        Field(
                            name,
                            judging.field_words(name, titles.get(name, "")),
                            "lines",
                            required=False,
                            most=MOST_SECTION,
                        )
                        for name in SECTIONS
                    ),
                ),
            ),
            Group(
                _("Pictures and quality"),
                (
                    Field(
                        "pictures",
                        _("Pictures shown, in this order"),
                        "choices",
                        choices=pictures,
                        required=False,
                        hint=_("Upload them on the listing's page first."),
                    ),
                    Field(
                        "quality",
                        _("Quality review"),
                        "choice",
                        choices=reviews,
                        required=False,
                    ),
                ),
            ),
            Group(
                _("To be found by"),
                (
                    Field(
                        "keywords",
                        _("Search words"),
                        required=False,
                        most=1200,
                        hint=_("With commas between, at most 30."),
                    ),
                    Field("search_title", _("Title for search"), required=False, most=60),
                    Field("search_text", _("Description for search"), required=False, most=160),
                ),
            ),
            Group(
                _("When and why"),
                (
                    Field(
                        "publish_at",
                        _("On the shelf from"),
                        "moment",
                        required=False,
                        hint=_("Empty: as soon as it is approved."),
                    ),
                    Field("why", _("Reason"), most=400, least=2),
                ),
            ),
        )

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Begin with the draft there is, else with what is live."""
        row = selectors.listing(listing_id=key["listing_id"], actor=actor, at=at)
        waiting = versions.open_of(kind=services.KIND, subject_id=row.pk)
        live = versions.live(kind=services.KIND, subject_ids=[row.pk], at=at).get(row.pk)
        content = waiting.content if waiting else live.content if live else None
        if content is None:
            return {"title": row.product.name}
        return {
            **content["sections"],
            "title": content["title"],
            "keywords": ",".join(content["keywords"]),
            "search_title": content["search_title"],
            "search_text": content["search_text"],
            "pictures": [str(one["id"]) for one in content["pictures"]],
            "quality": content["quality"] and str(content["quality"]),
            "publish_at": waiting.publish_at if waiting else None,
            "why": waiting.why if waiting else "",
        }

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep the draft through the service."""
        listing_id = key["listing_id"]
        angles = {one.pk: one.angle for one in selectors.pictures(listing_id=listing_id)}
        words = (values["keywords"] or "").replace("，", ",").split(",")
        made = services.write(
            listing_id=listing_id,
            content={
                "title": values["title"],
                "sections": {name: values[name] or "" for name in SECTIONS},
                "keywords": [word.strip() for word in words if word.strip()],
                "search_title": values["search_title"] or "",
                "search_text": values["search_text"] or "",
                "pictures": [
                    {"id": int(pk), "angle": angles[int(pk)]} for pk in values["pictures"] or ()
                ],
                "quality": int(values["quality"]) if values["quality"] else None,
            },
            why=values["why"],
            publish_at=values["publish_at"],
            actor=actor,
            at=at,
        )
        return self.done(gettext("Version %(no)s is kept as a draft.") % {"no": made.no}, **key)


class AttestForm(OfListing):
    """`/listings/<id>/attest/`: the truthfulness list, line by line."""

    policy = ATTEST
    title = _("Attest the pictures")
    submit_label = _("Attest")
    lead = _("Look at every picture first. What you cannot attest, return with a reason.")
    groups = (
        Group(
            _("Truthfulness"),
            tuple(Field(one.value, one.label, "flag", required=False) for one in Truth),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Attest through the service."""
        services.attest(
            listing_id=key["listing_id"],
            ticks=[one.value for one in Truth if values[one.value]],
            actor=actor,
            at=at,
        )
        return self.done(gettext("The pictures are attested."), **key)


class DelistForm(OfListing):
    """`/listings/<id>/delist/`: why and when goods leave the shelf, and what hangs on them."""

    policy = may("catalog", "C", Role.OPERATIONS_SPECIALIST)
    title = _("Take off the shelf")
    submit_label = _("Hand in")
    check = True
    groups = (
        Group(
            _("Delisting"),
            (
                Field(
                    "reason",
                    _("Reason"),
                    "choice",
                    choices=[
                        one for one in DelistingReason.choices if one[0] != DelistingReason.UNSTATED
                    ],
                ),
                Field("note", _("What happened"), most=400, least=2),
                Field("kind", _("For how long"), "choice", choices=DelistingKind.choices),
                Field("effective_at", _("Takes effect"), "moment"),
            ),
        ),
    )

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Begin with an hour from now."""
        return {"kind": DelistingKind.OFF, "effective_at": at + dt.timedelta(hours=1)}

    def notices(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Sequence[tuple[str, str]]:
        """Say what hangs on the goods."""
        row = selectors.listing(listing_id=key["listing_id"], actor=actor, at=at)
        ordered, sellable = selectors.delisting_effect(listing_id=row.pk)
        words = gettext("%(open)s pieces are in open orders, %(stock)s are left to sell.")
        return (("info", words % {"open": ordered, "stock": sellable}),)

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Hand it in through the service."""
        made = delisting.ask(
            listing_id=key["listing_id"],
            reason=values["reason"],
            note=values["note"],
            effective_at=values["effective_at"],
            kind=values["kind"],
            actor=actor,
            at=at,
        )
        return self.done(gettext("%(number)s is handed in.") % {"number": made.number}, **key)
