"""A confirmed sale of forbidden goods: shelf, stock, buyers, supplier (CAT-4.3-05)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError

from catalog.errors.bans import GoodsBanned, OwnBan
from catalog.models import Delisting, Listing, ListingShelf, Sku
from catalog.services import bans, channels, delisting, listings
from customers.choices import CaseState
from customers.errors import ForbiddenSaleRefused
from customers.models import ForbiddenSale, Order, RecallLine, SalePenalty
from customers.services import forbidden
from inventory.models import Balance, Supplier
from inventory.services import suppliers
from ops.engines.audit.models import Fact
from ops.engines.events.delivery import drain
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.errors import BadInput, Forbidden
from tests.catalog.test_constraints import run
from tests.compliance.conftest import enter
from tests.customers.house import AT, SYSTEM, House, actor
from tests.customers.test_handling import ship
from tests.engines.approvals.toys import refused_by
from tests.engines.identity.factories import account

LATER = datetime(2030, 1, 1, tzinfo=UTC)


def product_of(shop: House, code: str) -> int:
    return Sku.objects.get(pk=shop.skus[code]).product_id


def confirm(shop: House, code: str = "A-1") -> ForbiddenSale:
    officer = account("compliance", Role.COMPLIANCE_OFFICER)
    pk = forbidden.confirm(
        product_id=product_of(shop, code),
        kind="counterfeit",
        facts="品牌方鉴定为假货",
        actor=actor(officer),
        at=AT,
    )
    return ForbiddenSale.objects.get(pk=pk)


def kinds(shop: House, code: str) -> dict[str, int]:
    rows = Balance.objects.filter(sku_id=shop.skus[code], is_internal=True, on_hand__gt=0)
    return dict(rows.values_list("location__kind", "on_hand"))


@pytest.mark.clause("CAT-4.3-05")
def test_a_confirmed_sale_takes_goods_off_blocks_them_and_lists_the_buyers(shop: House) -> None:
    ship(shop, "T-1", ("A-1", 2))
    ship(shop, "T-2", ("B-2", 1))
    shop.place("T-3", ("A-1", 5))

    case = confirm(shop)
    drain(at=LATER)

    assert (case.delisted, case.blocked) == (1, 98)
    off = Delisting.objects.get()
    assert (off.reason, off.kind, off.state) == ("forbidden", "retire", "at_once")
    assert Listing.objects.get(pk=off.listing_id).retired_at is not None
    assert not ListingShelf.objects.filter(product=case.product_id, during__contains=AT).exists()
    assert kinds(shop, "A-1") == {"quarantine": 98}
    assert shop.free("A-1") == 0
    assert Order.objects.get(external_no="T-3").hold_reason != ""
    lines = RecallLine.objects.filter(case=case)
    assert list(lines.values_list("order__external_no", "quantity")) == [("T-1", 2)]
    assert kinds(shop, "B-2") == {"bin": 99}
    assert Fact.objects.filter(action="customers.forbidden_sale_confirmed").count() == 1


@pytest.mark.clause("CAT-4.3-05")
def test_a_case_ends_when_buyers_are_told_and_the_supplier_is_penalised(shop: House) -> None:
    ship(shop, "T-1", ("A-1", 2))
    case = confirm(shop)
    officer = actor(account("officer", Role.COMPLIANCE_OFFICER))
    supplier = suppliers.create_supplier(code="GYS-1", name="某某服饰", actor=SYSTEM, at=AT)

    def close() -> None:
        forbidden.close(case_id=case.pk, outcome="已召回", actor=officer, at=AT)

    with pytest.raises(ForbiddenSaleRefused):
        close()
    assert forbidden.tell(case_id=case.pk, how="短信通知退货退款", actor=officer, at=AT) == 1
    with pytest.raises(ForbiddenSaleRefused):
        close()
    forbidden.penalise(
        case_id=case.pk,
        supplier_id=supplier,
        measure="suspension",
        reason="供应假货",
        actor=officer,
        at=AT,
    )
    close()

    case.refresh_from_db()
    assert case.state == CaseState.CLOSED
    assert Supplier.objects.get(pk=supplier).state == "suspended"
    assert RecallLine.objects.get().how == "短信通知退货退款"


def test_what_is_refused_changes_nothing(shop: House) -> None:
    keeper = actor(account("keeper", Role.WAREHOUSE_KEEPER))
    with pytest.raises(Forbidden):
        forbidden.confirm(
            product_id=product_of(shop, "A-1"), kind="shoddy", facts="开线", actor=keeper, at=AT
        )
    assert not ForbiddenSale.objects.exists()
    assert shop.free("A-1") == 100

    case = confirm(shop)
    officer = actor(account("officer", Role.COMPLIANCE_OFFICER))
    with pytest.raises(ForbiddenSaleRefused):
        forbidden.confirm(
            product_id=case.product_id, kind="shoddy", facts="开线", actor=officer, at=AT
        )
    for wrong in (
        {"seller": "", "measure": "warning"},
        {"seller": "某店", "measure": "fine"},
        {"seller": "某店", "measure": "warning", "amount": Decimal(5)},
    ):
        with pytest.raises(BadInput):
            forbidden.penalise(
                case_id=case.pk,
                reason="供应假货",
                actor=officer,
                at=AT,
                **wrong,
            )
    assert not SalePenalty.objects.exists()


@pytest.mark.clause("CAT-4.3-05")
def test_the_database_keeps_cases_recalls_and_measures(shop: House) -> None:
    ship(shop, "T-1", ("A-1", 2))
    case = confirm(shop)
    rows = ForbiddenSale.objects.filter(pk=case.pk)

    with refused_by("forbiddensale_ends_when_done"):
        rows.update(state="closed", outcome="完", closed_by=1, closed_at=AT)
    with refused_by("forbiddensale_stays_as_confirmed"):
        rows.update(facts="别的")
    RecallLine.objects.update(told_at=AT, told_by=1, how="电话")
    with refused_by("recallline_told_once"):
        RecallLine.objects.update(how="短信")
    with refused_by("salepenalty_measure_whole"):
        SalePenalty.objects.create(
            case=case, seller="某店", measure="fine", reason="假货", decided_by=1, decided_at=AT
        )
    for table in ("forbiddensale", "recallline", "salepenalty"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            run(f"DELETE FROM customers_{table}")


def test_the_page_of_a_case_leads_through_it(shop: House) -> None:
    ship(shop, "T-1", ("A-1", 2))
    desk = enter(account("compliance", Role.COMPLIANCE_OFFICER))

    answer = desk.post(
        "/forbidden-sales/new/", {"sku": "A-1", "kind": "counterfeit", "facts": "鉴定为假货"}
    )
    case = ForbiddenSale.objects.get()
    page = desk.get(f"/forbidden-sales/{case.pk}/").content.decode()
    desk.post(f"/forbidden-sales/{case.pk}/", {"action": "tell", "how": "短信通知退货"})
    desk.post(
        f"/forbidden-sales/{case.pk}/",
        {"action": "penalise", "seller": "某店", "measure": "warning", "reason": "供应假货"},
    )
    desk.post(f"/forbidden-sales/{case.pk}/", {"action": "close", "outcome": "已召回"})

    assert answer.status_code == 302
    assert f"/orders/{Order.objects.get(external_no='T-1').number}/" in page
    assert ForbiddenSale.objects.get().state == "closed"
    assert case.number in desk.get("/forbidden-sales/?state=closed").content.decode()
    assert not RecallLine.objects.filter(told_at__isnull=True).exists()


@pytest.mark.clause("CAT-4.3-08")
def test_a_delisting_names_the_pieces_that_open_orders_really_hold(shop: House) -> None:
    shop.place("T-1", ("A-1", 3))
    shop.place("T-2", ("A-1", 4), ("B-2", 1))
    ship(shop, "T-9", ("A-1", 5))
    officer = actor(account("compliance", Role.COMPLIANCE_OFFICER))
    listing = Listing.objects.get(product=product_of(shop, "A-1"), channel=shop.channel_id)

    delisting.take_off_at_once(listing_ids=[listing.pk], actor=officer, at=AT)

    off = Delisting.objects.get()
    assert (off.open_pieces, off.stock_pieces) == (7, shop.free("A-1")) == (7, 88)


@pytest.mark.clause("CAT-4.3-05")
def test_banned_goods_come_back_in_no_channel_until_another_officer_lifts_the_ban(
    shop: House,
) -> None:
    case = confirm(shop)
    product = product_of(shop, "A-1")
    officer = actor(User.objects.get(username="compliance"))
    lister = actor(account("lister", Role.OPERATIONS_SPECIALIST))
    other = channels.create_channel(code="elsewhere", name="elsewhere", actor=SYSTEM, at=AT)

    with pytest.raises(GoodsBanned, match=case.number):
        listings.open_listing(product_id=product, channel_id=other.id, actor=SYSTEM, at=AT)
    with pytest.raises(OwnBan):
        bans.lift(product_id=product, reason="误判", actor=officer, at=AT)
    with pytest.raises(Forbidden):
        bans.lift(product_id=product, reason="误判", actor=lister, at=AT)
    with refused_by("goodsban_lifted_by_another"), transaction.atomic():
        run(
            "UPDATE catalog_goodsban SET lifted_by = banned_by, lifted_at = now(), lifted_why = 'x'"
        )
    with pytest.raises(ProgrammingError), transaction.atomic():
        run("UPDATE catalog_goodsban SET product_id = product_id + 1")
    assert not Listing.objects.filter(channel_id=other.id).exists()

    second = actor(account("compliance-2", Role.COMPLIANCE_OFFICER))
    bans.lift(product_id=product, reason="复检为正品", actor=second, at=AT)

    with refused_by("goodsban_lifted_once"), transaction.atomic():
        run("UPDATE catalog_goodsban SET lifted_at = NULL, lifted_by = NULL, lifted_why = ''")
    made = listings.open_listing(product_id=product, channel_id=other.id, actor=SYSTEM, at=AT)
    assert made.product_id == product
    said = Fact.objects.filter(object_type="catalog.product", object_id=str(product))
    assert {"catalog.goods_banned", "catalog.ban_lifted"} <= set(
        said.values_list("action", flat=True)
    )
