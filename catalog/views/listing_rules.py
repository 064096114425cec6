"""What listings are judged by besides listed terms: rules of categories, quality reviews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.listings import FieldName, ReviewResult
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


class BackForm(FormScreen, abstract=True):
    """A form of the listings' rules: it begins today and leads back to its list."""

    nav = "listings"
    back_to = ""

    def back_url(self, **key: Any) -> str:
        """Return to the list."""
        return reverse(self.back_to)

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Begin today."""
        today = business_day(at)
        return {"since": today, "until": today, "starts_on": today, "issued_on": today}


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


class RuleForm(BackForm):
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


class ReviewForm(BackForm):
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
