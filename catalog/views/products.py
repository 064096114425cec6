"""Products: which department owns each, and everything that happened to it (HR-1.2-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.feedback import FeedbackStep, LifeKind
from catalog.choices.goods import ProductState
from catalog.choices.listings import ListingStage
from catalog.desk import life as words
from catalog.models import Category, DepartmentOwner, Product
from catalog.selectors import feedback, life, owners
from catalog.selectors import listings as listed
from catalog.services import owners as services
from catalog.types.feedback import OwnerInfo
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    FormScreen,
    Group,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    New,
    Record,
    RecordScreen,
    Related,
)
from ops.engines.identity import selectors as people
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

VIEW, EXPORT = may("catalog", "V"), may("catalog", "E")
_BY = {
    "product": _("named for this product"),
    "category": _("by its category"),
    "house": _("the house's usual one"),
    "": _("nobody named one yet: everybody works on it"),
}


def department_choices(_actor: Actor) -> list[tuple[str, str]]:
    """Return the departments to choose from."""
    return [(str(pk), name) for pk, name in owners.department_names().items()]


class ProductList(ListScreen):
    """`/products/`: what is sold as one thing, and the department that owns it."""

    policy = VIEW
    title = _("Products")
    nav = "products"
    columns = (
        Column("code", _("Code"), "code", name=True, sort=True),
        Column("name", _("Title"), sub=lambda row: row.category.name),
        Column(
            "owner", _("Owning department"), value=lambda row: row.owner.department,
            sub=lambda row: _BY[row.owner.by],
        ),
        Column("brand", _("Brand"), optional=True),
        Column("state", _("State"), "badge", value=lambda row: ProductState(row.state)),
    )  # fmt: skip
    filters = (
        Filter("q", _("Code or name"), "text"),
        Filter("state", _("State"), choices=ProductState.choices),
    )
    order = "code"
    row_url = "catalog:product"
    export_policy = EXPORT
    empty = _("No product yet. Import a product file to begin.")
    empty_href = "/imports/"

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the products of the actor's categories, each with its owner."""
        found = query.narrow(life.products(actor=actor), "state")
        if text := query.get("q"):
            found = found.filter(Q(code__istartswith=text) | Q(name__icontains=text))
        page = query.page(found, orders={"code": "code"})
        owning = owners.owners(product_ids=[row.pk for row in page.rows], at=query.at)
        for row in page.rows:
            row.owner = owning[row.pk]
        return page

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to the owners by category."""
        del actor
        href = reverse("catalog:product_owners")
        return (Action(key="owners", label=_("Owners by category"), href=href),)


class ProductScreen(RecordScreen):
    """`/products/<id>/`: one product, its owner, variants, listings and what is said about it."""

    policy = VIEW
    title = _("Product")
    nav = "products"
    list_url_name = "catalog:products"
    list_title = _("Products")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the product; raises ThingMissing."""
        row = life.product(product_id=key["product_id"], actor=actor)
        owner = owners.owner(product_id=row.pk, at=at)
        entries = owners.entries(product_id=row.pk)
        names = people.person_names([one.set_by for one in entries])
        return Record(
            number=row.code,
            title=row.name,
            state=ProductState(row.state),
            actions=_actions(row, owner, actor, at),
            facts=(_facts(row, owner),),
            lines=(
                _variants(row),
                _listings(row, actor, at),
                _voices(row, actor, at),
                _entries(entries, names),
            ),
            related=_related(row),
            clauses=("HR-1.2-02",),
            subject=("catalog.product", row.pk),
            prints=[("product_life", row.pk)],
        )


class ProductLife(ListScreen):
    """`/products/<id>/life/`: everything that happened to a product, the newest first."""

    policy = VIEW
    title = _("Life of the product")
    nav = "products"
    product_id = 0
    about: Product
    lead = _("Read from the audit trail; who did it is shown with the department of that day.")
    columns = (
        Column("at", _("When"), "moment"),
        Column("kind", _("Kind"), value=lambda row: row.kind.label),
        Column("what", _("What happened"), name=True, sub=lambda row: row.detail),
        Column("number", _("Number"), "code", href=lambda row: row.href),
        Column("who", _("Who")),
        Column("department", _("Department then")),
    )
    filters = (Filter("kind", _("Kind"), choices=LifeKind.choices),)
    order = "-id"
    export_policy = EXPORT
    empty = _("Nothing of this kind happened to it.")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Remember which product the address names."""
        super().setup(request, *args, **kwargs)
        self.product_id = kwargs["product_id"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the log under the product's name; raises ThingMissing."""
        self.about = life.product(product_id=self.product_id, actor=self.actor)
        self.title = gettext("Life of %(product)s") % {"product": self.about.name}  # type: ignore[assignment,misc]
        return super().get(request, *args, **kwargs)

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the log."""
        things = life.things(of=self.about, actor=actor)
        found = life.facts(things=things, kind=query.get("kind") or "")
        page = query.page(found, orders={"id": "id"})
        return replace(page, rows=words.lines(page.rows, things, actor=actor))

    def row_href(self, row: Any) -> str:
        """Open what it is about."""
        return str(row.href)

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to the product and to paper."""
        del actor
        return (
            Action(
                key="product",
                label=_("Product"),
                href=reverse("catalog:product", args=[self.product_id]),
            ),
            Action(
                key="print",
                label=_("Print"),
                href=reverse("desk:print", args=["product_life", self.product_id]),
            ),
        )


class OwnerList(ListScreen):
    """`/product-owners/`: which department owns what stands in a category, and what nobody else."""

    policy = VIEW
    title = _("Owners by category")
    nav = "products"
    lead = _(
        "A product's own entry comes first, then the nearest category above it, then the house's."
    )
    columns = (
        Column(
            "category", _("Category"), name=True,
            value=lambda row: row.category.name if row.category else gettext("All others"),
        ),
        Column("department", _("Department"), value=lambda row: row.department.name),
        Column("since", _("From"), "moment", value=lambda row: row.during.lower),
        Column("until", _("Until"), "moment", value=lambda row: row.during.upper),
        Column("why", _("Reason")),
    )  # fmt: skip
    order = "-id"
    new = New(_("Name a department"), "catalog:product_owner_new", services.MANAGE)
    export_policy = EXPORT
    empty = _("No department is named yet: everybody works on every product.")
    empty_href = "/product-owners/new/"
    empty_label = _("Name a department")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the entries of categories and of the house."""
        del actor
        return query.page(owners.defaults(), orders={"id": "id"})


def _categories(_actor: Actor) -> list[tuple[str, str]]:
    rows = Category.objects.order_by("path").values_list("pk", "name", "path")
    return [(str(pk), f"{'— ' * path.count('.')}{name}") for pk, name, path in rows]


class OwnerForm(FormScreen):
    """`/product-owners/new/`: let a department own a category, or all that nobody else owns."""

    policy = services.MANAGE
    title = _("Name a department")
    nav = "products"
    lead = _("From then on its members write the listings, and feedback comes to its queue.")
    groups = (
        Group(
            _("Who owns what"),
            (
                Field("category", _("Category"), "choice", required=False, choices=_categories,
                      hint=_("Empty: all that nobody else owns.")),
                Field("department", _("Department"), "choice", choices=department_choices),
                Field("since", _("From"), "moment", required=False, hint=_("Empty: now.")),
                Field("why", _("Reason"), most=200, least=2),
            ),
        ),
    )  # fmt: skip

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Name it through the service."""
        services.give_category(
            category_id=int(values["category"]) if values["category"] else None,
            department_id=int(values["department"]),
            why=values["why"],
            since=values["since"],
            actor=actor,
            at=at,
        )
        return Done(message=gettext("The department is named."))

    def back_url(self, **key: Any) -> str:
        """Lead to the list."""
        return reverse("catalog:product_owners")


def _facts(row: Product, owner: OwnerInfo) -> FactGroup:
    return FactGroup(
        title=_("Product"),
        facts=(
            Fact(title=_("Owning department"), value=owner.department or gettext("everybody")),
            Fact(title=_("Why it"), value=_BY[owner.by]),
            Fact(title=_("Owns it since"), value=owner.since, kind="moment"),
            Fact(title=_("Category"), value=row.category.name),
            Fact(title=_("Brand"), value=row.brand),
            Fact(title=_("English name"), value=row.name_en),
        ),
    )


def _variants(row: Product) -> Lines:
    return Lines(
        _("SKUs"),
        (
            Column(
                "code", _("SKU"), "code", href=lambda one: reverse("catalog:sku", args=[one.pk])
            ),
            Column("name", _("Goods name")),
            Column("state", _("State"), "badge", value=lambda one: ProductState(one.state)),
        ),
        list(row.skus.order_by("code")[:100]),
        empty=_("No SKU yet."),
    )


def _listings(row: Product, actor: Actor, at: dt.datetime) -> Lines:
    return Lines(
        _("Listings"),
        (
            Column(
                "number", _("Number"), "code",
                href=lambda one: reverse("catalog:listing", args=[one.pk]),
            ),
            Column("channel", _("Channel"), value=lambda one: one.channel.name),
            Column("stage", _("State"), "badge", value=lambda one: ListingStage(one.stage)),
        ),
        list(listed.listings(actor=actor, at=at).filter(product=row)[:20]),
        empty=_("It is listed in no channel of yours."),
    )  # fmt: skip


def _voices(row: Product, actor: Actor, at: dt.datetime) -> Lines:
    found = feedback.queue(actor=actor, at=at).filter(product=row)
    return Lines(
        _("Newest feedback"),
        (
            Column(
                "number", _("Number"), "code",
                href=lambda one: reverse("catalog:feedback_item", args=[one.pk]),
            ),
            Column("text", _("What was said"), value=lambda one: one.text[:60]),
            Column("step", _("State"), "badge", value=lambda one: FeedbackStep(one.step)),
            Column("due_at", _("Reply due"), "due"),
        ),
        list(found.order_by("-pk")[:8]),
        empty=_("Nobody said anything about it."),
    )  # fmt: skip


def _entries(entries: Sequence[DepartmentOwner], names: Mapping[int, str]) -> Lines:
    return Lines(
        _("Departments named for it"),
        (
            Column("department", _("Department"), value=lambda one: one.department.name),
            Column("since", _("From"), "moment", value=lambda one: one.during.lower),
            Column("until", _("Until"), "moment", value=lambda one: one.during.upper),
            Column("why", _("Reason")),
            Column("by", _("By"), value=lambda one: names.get(one.set_by or 0, "")),
        ),
        entries,
        empty=_("None of its own: it follows its category."),
    )


def _related(row: Product) -> tuple[Related, ...]:
    asked = urlencode({"tab": "all", "q": row.code})
    return (
        Related(
            title=_("Life of the product"), href=reverse("catalog:product_life", args=[row.pk])
        ),
        Related(title=_("Product feedback"), href=f"{reverse('catalog:feedback')}?{asked}"),
        Related(title=_("Category"), note=row.category.name,
                href=reverse("catalog:category", args=[row.category_id])),
    )  # fmt: skip


def _actions(row: Product, owner: OwnerInfo, actor: Actor, at: dt.datetime) -> tuple[Action, ...]:
    may_give = services.may_give(owner=owner, actor=actor, at=at)
    return (
        Action(
            key="life",
            label=_("Life of the product"),
            href=reverse("catalog:product_life", args=[row.pk]),
            is_primary=True,
        ),
        Action(
            key="give",
            label=_("Give to a department"),
            run=lambda values, who, when: _give(row.pk, values, who, when),
            policy=VIEW,
            fields=(
                Field("department", _("Department"), "choice", choices=department_choices),
                Field("since", _("From"), "moment", required=False, hint=_("Empty: now.")),
                Field("why", _("Reason"), most=200, least=2),
            ),
            why_not=""
            if may_give
            else _("The head of its department, or operations management, gives it away."),
        ),
    )


def _give(product_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    made = services.give_product(
        product_id=product_id,
        department_id=int(values["department"]),
        why=values["why"],
        since=values["since"],
        actor=actor,
        at=at,
    )
    words = gettext("%(department)s owns it.") % {"department": made.department}
    return Done(message=words)
