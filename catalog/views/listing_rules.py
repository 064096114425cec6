"""What listings are judged by: listed words, forbidden goods, rules of categories, reviews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.listings import BanKind, FieldName, ReviewResult, TermKind
from catalog.errors.goods import ThingMissing
from catalog.models import Category, Product
from catalog.rules.listing.completeness import ListingRule
from catalog.rules.listing.content import SECTIONS
from catalog.rules.listing.judging import field_words
from catalog.rules.listing.pictures import PictureRule
from catalog.selectors import listings as selectors
from catalog.services import listing_rules as services
from ops.engines.desk.screens import (
    Column,
    Done,
    Field,
    Filter,
    FormScreen,
    Group,
    ListPage,
    ListQuery,
    ListScreen,
    New,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")
EDITORS = may("catalog", "A", Role.WEB_EDITING_SUPERVISOR, Role.COMPLIANCE_OFFICER)
COMPLIANCE = may("catalog", "A", Role.COMPLIANCE_OFFICER)
SHAPERS = may("catalog", "C", Role.WEB_EDITING_SUPERVISOR, Role.OPERATIONS_SUPERVISOR)


def _categories(_actor: Actor) -> list[tuple[str, str]]:
    rows = Category.objects.order_by("path").values_list("pk", "name", "path")
    return [(str(pk), f"{'— ' * path.count('.')}{name}") for pk, name, path in rows]


class _Back(FormScreen, abstract=True):
    nav = "listings"
    back_to = ""

    def back_url(self, **key: Any) -> str:
        """Return to the list."""
        return reverse(self.back_to)

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Begin today."""
        today = business_day(at)
        return {"since": today, "until": today, "starts_on": today, "issued_on": today}


class WordList(ListScreen):
    """`/listed-words/`: what may not be said, and what needs evidence."""

    policy = _VIEW
    title = _("Listed words")
    nav = "listings"
    columns = (
        Column("text", _("Word"), name=True),
        Column("kind", _("Kind"), value=lambda row: TermKind(row.kind).label),
        Column("since", _("Since"), "day"),
        Column("until", _("Until"), "day"),
        Column("reason", _("Reason")),
    )
    filters = (
        Filter("q", _("Word"), "text"),
        Filter("kind", _("Kind"), choices=TermKind.choices),
    )
    order = "-id"
    new = New(_("List a word"), "catalog:listed_word_new", EDITORS)
    export_policy = may("catalog", "E")
    empty = _("No word is listed yet. List what the advertising law forbids first.")
    empty_href = "/listed-words/new/"
    empty_label = _("List a word")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the words."""
        found = query.narrow(selectors.words(), "kind")
        if text := query.get("q"):
            found = found.filter(text__icontains=text)
        return query.page(found, orders={"id": "id"})

    def row_href(self, row: Any) -> str:
        """Open the form that ends it."""
        return reverse("catalog:listed_word_end", args=[row.pk])


class WordForm(_Back):
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


class WordEnd(_Back):
    """`/listed-words/<id>/end/`: the day a word is free again."""

    policy = EDITORS
    title = _("Take a word off the list")
    submit_label = _("Take off")
    lead = _("What it found before stays found.")
    back_to = "catalog:listed_words"
    groups = (Group(_("Word"), (Field("until", _("Free again from"), "day"),)),)

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """End it through the service."""
        services.end_word(word_id=key["word_id"], until=values["until"], actor=actor, at=at)
        return Done(message=gettext("The word comes off the list."))


class BanList(ListScreen):
    """`/forbidden-goods/`: what may not be sold, and what compliance looks at first."""

    policy = _VIEW
    title = _("Forbidden goods")
    nav = "listings"
    columns = (
        Column("value", _("Compared with"), name=True, sub=lambda row: row.note),
        Column("kind", _("Kind"), value=lambda row: BanKind(row.kind).label),
        Column("is_hard", _("Refuses at once"), "flag"),
        Column("since", _("Since"), "day"),
        Column("until", _("Until"), "day"),
        Column("reason", _("Reason")),
    )
    filters = (Filter("kind", _("Kind"), choices=BanKind.choices),)
    order = "-id"
    new = New(_("Forbid goods"), "catalog:forbidden_goods_new", COMPLIANCE)
    export_policy = may("catalog", "E")
    empty = _("Nothing is forbidden yet. Enter what the law does not let us sell.")
    empty_href = "/forbidden-goods/new/"
    empty_label = _("Forbid goods")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the entries."""
        return query.page(query.narrow(selectors.bans(), "kind"), orders={"id": "id"})

    def row_href(self, row: Any) -> str:
        """Open the form that ends it."""
        return reverse("catalog:forbidden_goods_end", args=[row.pk])


class BanForm(_Back):
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


class BanEnd(_Back):
    """`/forbidden-goods/<id>/end/`: the day goods may be sold again."""

    policy = COMPLIANCE
    title = _("Let goods be sold again")
    submit_label = _("Allow")
    back_to = "catalog:forbidden_goods"
    groups = (Group(_("Goods"), (Field("until", _("Allowed again from"), "day"),)),)

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """End it through the service."""
        services.end_ban(ban_id=key["ban_id"], until=values["until"], actor=actor, at=at)
        return Done(message=gettext("The goods may be sold again."))


class RuleList(ListScreen):
    """`/listing-rules/`: what each category wants of its listings, the newest version first."""

    policy = _VIEW
    title = _("Listing rules")
    nav = "listings"
    columns = (
        Column("category", _("Category"), name=True, value=lambda row: row.category.name),
        Column("version", _("Version"), "number"),
        Column("starts_on", _("Starts on"), "day"),
        Column(
            "least_images",
            _("Least angles"),
            "number",
            value=lambda row: row.content["least_images"],
        ),
        Column(
            "least_side",
            _("Least pixels"),
            "number",
            value=lambda row: row.content["least_side"],
        ),
        Column(
            "titles",
            _("Sections worded its own way"),
            value=lambda row: "、".join(
                f"{field_words(name)}={title}" for name, title in row.content["titles"].items()
            ),
        ),
        Column("reason", _("Reason")),
    )
    order = "-id"
    new = New(_("Decide a rule"), "catalog:listing_rule_new", SHAPERS)
    export_policy = may("catalog", "E")
    empty = _("No rule yet: the house's own holds, three angles and ten characters a section.")
    empty_href = "/listing-rules/new/"
    empty_label = _("Decide a rule")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the versions."""
        return query.page(selectors.rules(), orders={"id": "id"})


class RuleForm(_Back):
    """`/listing-rules/new/`: the next version of a category."""

    policy = SHAPERS
    title = _("Decide a listing rule")
    submit_label = _("Decide")
    lead = _("The night looks at every listing anew and opens a task where one falls short.")
    back_to = "catalog:listing_rules"
    groups = (
        Group(
            _("Which category, from when"),
            (
                Field("category", _("Category"), "choice", choices=_categories),
                Field("starts_on", _("Starts on"), "day"),
                Field("reason", _("Reason"), most=200, least=2),
            ),
        ),
        Group(
            _("Texts"),
            (
                Field("least_title", _("Least characters of the title"), "quantity"),
                Field("least_section", _("Least characters of a section"), "quantity"),
                *(
                    Field(
                        f"title_{name}",
                        FieldName(name).label,
                        required=False,
                        most=40,
                        hint=_("What this category calls it, such as ingredients for material."),
                    )
                    for name in SECTIONS
                ),
            ),
        ),
        Group(
            _("Pictures"),
            (
                Field("least_images", _("Least angles"), "quantity"),
                Field("least_side", _("Least pixels of the shorter side"), "quantity"),
                Field("least_ratio", _("Width at least, percent of the height"), "quantity"),
                Field("most_ratio", _("Width at most, percent of the height"), "quantity"),
            ),
        ),
        Group(
            _("Quality and upkeep"),
            (
                Field("standard", _("Standard"), required=False, most=120),
                Field("verify_days", _("Verified anew after days"), "quantity"),
            ),
        ),
    )

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Begin with the house's own figures."""
        usual = ListingRule()
        return {
            **super().initial(actor=actor, at=at),
            "least_title": usual.least_title,
            "least_section": usual.least_section,
            "least_images": usual.least_images,
            "least_side": usual.pictures.least_side,
            "least_ratio": usual.pictures.least_ratio,
            "most_ratio": usual.pictures.most_ratio,
            "verify_days": usual.verify_days,
        }

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Decide through the service."""
        services.set_rule(
            category_id=int(values["category"]),
            rule=ListingRule(
                least_title=values["least_title"],
                least_section=values["least_section"],
                least_images=values["least_images"],
                titles={name: values[f"title_{name}"] or "" for name in SECTIONS},
                pictures=PictureRule(
                    least_side=values["least_side"],
                    least_ratio=values["least_ratio"],
                    most_ratio=values["most_ratio"],
                ),
                standard=values["standard"] or "",
                verify_days=values["verify_days"],
            ),
            starts_on=values["starts_on"],
            reason=values["reason"],
            actor=actor,
            at=at,
        )
        return Done(message=gettext("The rule is decided."))


class ReviewList(ListScreen):
    """`/quality-reviews/`: which goods passed, against what, until when."""

    policy = _VIEW
    title = _("Quality reviews")
    nav = "listings"
    columns = (
        Column(
            "product",
            _("Product"),
            name=True,
            value=lambda row: row.product.name,
            sub=lambda row: row.product.code,
        ),
        Column("standard", _("Standard"), "code"),
        Column(
            "report_no",
            _("Report"),
            "code",
            href=lambda row: f"/files/{row.paper_id}/",
        ),
        Column("issued_on", _("Issued"), "day"),
        Column("expires_on", _("Expires"), "day"),
        Column("result", _("Result"), "badge", value=lambda row: ReviewResult(row.result)),
        Column("note", _("Note")),
    )
    filters = (
        Filter("q", _("Product"), "text"),
        Filter("result", _("Result"), choices=ReviewResult.choices),
    )
    order = "-id"
    new = New(_("Review goods"), "catalog:quality_review_new", COMPLIANCE)
    export_policy = may("catalog", "E")
    empty = _("No review yet. Without a passed one no goods come onto a shelf.")
    empty_href = "/quality-reviews/new/"
    empty_label = _("Review goods")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the reviews."""
        found = query.narrow(selectors.all_reviews(), "result")
        if text := query.get("q"):
            found = found.filter(product__name__icontains=text)
        return query.page(found, orders={"id": "id"})


class ReviewForm(_Back):
    """`/quality-reviews/new/`: what a report says of a product."""

    policy = COMPLIANCE
    title = _("Review goods")
    submit_label = _("Keep the review")
    lead = _("The newest review counts. Sixty, thirty and seven days before it is over we warn.")
    back_to = "catalog:quality_reviews"
    groups = (
        Group(
            _("Review"),
            (
                Field("product", _("Product code"), "code", most=64),
                Field("standard", _("Standard"), most=120, hint=_("Such as GB 18401-2010 B")),
                Field("report_no", _("Number of the report"), most=80),
                Field("file", _("Report"), "file", accept=".pdf,.png,.jpg,.jpeg"),
                Field("issued_on", _("Issued on"), "day"),
                Field("expires_on", _("Expires on"), "day"),
                Field("result", _("Result"), "choice", choices=ReviewResult.choices),
                Field("note", _("Note"), required=False, most=200),
            ),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep it through the service."""
        product = (
            Product.objects.filter(code=values["product"]).values_list("pk", flat=True).first()
        )
        if product is None:
            raise ThingMissing("product", values["product"])
        services.review_quality(
            product_id=product,
            standard=values["standard"],
            report_no=values["report_no"],
            name=values["file"].name,
            data=values["file"].read(),
            issued_on=values["issued_on"],
            expires_on=values["expires_on"],
            is_passed=values["result"] == ReviewResult.PASS,
            note=values["note"] or "",
            actor=actor,
            at=at,
        )
        return Done(message=gettext("The review is kept."))
