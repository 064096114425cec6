"""Search: what is found by what, in which order, by whom; what is kept of a search in vain."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from catalog.choices.coding import AliasKind
from catalog.choices.search import MissDecision
from catalog.errors import search as errors
from catalog.errors.goods import ReasonNeeded
from catalog.models import Category, Product, SearchDocument, SearchMiss, SearchSynonym, Sku
from catalog.rules import search as rules
from catalog.selectors import search
from catalog.services import coding, loading, products, searching
from catalog.types.goods import ProductRow
from ops.engines.audit.models import Fact
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.jobs import services as jobs
from ops.engines.kernel.errors import BadInput, Forbidden
from ops.engines.notices.models import Notice
from ops.engines.reports import services as reports
from ops.engines.reports.choices import Format
from tests.catalog.shop import Shop, actor
from tests.compliance.conftest import enter
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import AT, SYSTEM, account

MONDAY = search.monday_of(AT.date())


@pytest.fixture
def goods(shop: Shop) -> dict[str, int]:
    """Goods that differ in everything a search reads."""
    rows = [
        ProductRow(code="WJ-2207", name="山羊绒围巾 藏青", category=("配饰", "围巾"), brand="素野"),
        ProductRow(
            code="BP-0007", name="双肩包 墨绿", name_en="Canvas backpack", category=("箱包",)
        ),
        ProductRow(code="TS-0001", name="Ｔ恤 纯棉", category=("女装",), barcode="6901234567892"),
        ProductRow(code="WJ-2208", name="围巾", category=("配饰", "围巾")),
    ]
    made = loading.load_products(rows=rows, source="tests", actor=SYSTEM, at=AT)
    return made.sku_ids


def hits(text: str, who: Any = SYSTEM) -> list[str]:
    return [sku.code for sku in search.found(text=text, actor=who, most=50)]


@pytest.mark.clause("SYS-6.2-09")
@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("羊绒", {"A-1001-S", "A-1001-M", "WJ-2207"}),
        ("羊绒围巾", {"WJ-2207"}),
        ("藏青 围巾", {"WJ-2207"}),
        ("包", {"BP-0007"}),
        ("配饰", {"WJ-2207", "WJ-2208"}),
        ("素野", {"WJ-2207"}),
        ("t恤", {"TS-0001"}),
        ("backpacks", {"BP-0007"}),
        ("CANVAS", {"BP-0007"}),
        ("wj2207", {"WJ-2207"}),
        ("２２０７", {"WJ-2207"}),
        ("6901234567892", {"TS-0001"}),
        ("绒围羊", set()),
        ("' | * & ! <-> \\", set()),
        ("", set()),
    ],
)
def test_goods_are_found_by_code_name_shelf_and_brand_in_both_languages(
    goods: dict[str, int], text: str, codes: set[str]
) -> None:
    assert set(hits(text)) == codes


def test_the_exact_code_comes_first_then_codes_names_and_the_rest(goods: dict[str, int]) -> None:
    loading.load_products(
        rows=[
            ProductRow(code="围巾", name="未命名", category=("杂项",)),
            ProductRow(code="围巾-2", name="未命名", category=("杂项",)),
            ProductRow(code="A-0000", name="披肩", category=("配饰", "围巾")),
            ProductRow(code="A-0001", name="围巾礼盒", category=("杂项",)),
        ],
        source="tests",
        actor=SYSTEM,
        at=AT,
    )

    assert hits("围巾") == ["围巾", "围巾-2", "WJ-2208", "A-0001", "WJ-2207", "A-0000"]


def test_documents_follow_every_change(goods: dict[str, int], shop: Shop) -> None:
    sku = Sku.objects.select_related("product__category").get(code="WJ-2208")
    assert hits("披肩") == []

    products.edit_product(product_id=sku.product_id, brand="披肩工坊", actor=SYSTEM, at=AT)
    assert hits("披肩") == ["WJ-2208"]
    products.edit_product(product_id=sku.product_id, brand="", actor=SYSTEM, at=AT)
    assert hits("披肩") == []
    coding.name_sku(
        sku_id=sku.pk, kind=AliasKind.SUPPLIER, source="供货商", code="GH 88", actor=SYSTEM, at=AT
    )
    assert hits("gh 88") == ["WJ-2208"]
    Product.objects.filter(pk=sku.product_id).update(attributes={"material": "桑蚕丝"})
    assert hits("蚕丝") == ["WJ-2208"]
    Category.objects.filter(name="配饰").update(name="服饰配件")
    assert set(hits("配件")) == {"WJ-2207", "WJ-2208"}
    assert hits("配饰") == []


def test_nobody_but_the_database_writes_documents(goods: dict[str, int]) -> None:
    before = SearchDocument.objects.count()

    for change in (
        lambda: SearchDocument.objects.update(title="别的"),
        lambda: SearchDocument.objects.all().delete(),
    ):
        with pytest.raises(ProgrammingError), transaction.atomic():
            change()

    assert SearchDocument.objects.count() == before == Sku.objects.count()
    assert not SearchDocument.objects.filter(title="别的").exists()


def test_people_find_only_what_they_may_see(
    goods: dict[str, int], shop: Shop, django_assert_num_queries: Any
) -> None:
    keeper = account("keeper", Role.OPERATIONS_SPECIALIST)
    shelf = Sku.objects.get(code="WJ-2207").product.category_id
    identity.grant_scope(user_id=keeper.pk, kind="category", object_id=shelf, actor=SYSTEM, at=AT)
    who = actor(keeper)

    with django_assert_num_queries(2):
        assert hits("羊绒", who) == ["WJ-2207"]
    assert len(hits("羊绒")) == 3


def test_people_count_only_what_they_may_see(goods: dict[str, int], shop: Shop) -> None:
    keeper = account("keeper", Role.OPERATIONS_SPECIALIST)
    shelf = Sku.objects.get(code="WJ-2207").product.category_id
    identity.grant_scope(user_id=keeper.pk, kind="category", object_id=shelf, actor=SYSTEM, at=AT)

    assert search.matching(text="羊绒", actor=actor(keeper)).count() == 1
    assert search.matching(text="羊绒", actor=SYSTEM).count() == 3


@pytest.mark.clause("SYS-6.2-09")
def test_synonyms_are_heard_as_one_until_they_are_retired(
    goods: dict[str, int], shop: Shop
) -> None:
    assert hits("书包") == hits("rucksack") == []

    made = searching.add_synonyms(
        words=["书包", "双肩包", "Ruck sack", "rucksack"],
        why="顾客常用",
        actor=actor(shop.supervisor),
        at=AT,
    )

    assert made.words == ("ruck sack", "rucksack", "书包", "双肩包")
    assert hits("书包") == hits("RUCKSACK") == hits("ruck sack") == ["BP-0007"]
    assert hits("墨绿书包") == ["BP-0007"]
    assert hits("rucksacks") == [], "other words than Chinese ones are heard whole"
    with pytest.raises(errors.SynonymsThere):
        searching.add_synonyms(words=made.words, why="再来", actor=actor(shop.supervisor), at=AT)
    searching.retire_synonyms(synonym_id=made.id, why="误导", actor=actor(shop.supervisor), at=AT)
    assert hits("书包") == []
    with pytest.raises(errors.SynonymsOver):
        searching.retire_synonyms(
            synonym_id=made.id, why="误导", actor=actor(shop.supervisor), at=AT
        )


@pytest.mark.parametrize(
    "words", [["毛衣"], ["毛衣", "ＭＡＯ' | x"], ["毛衣", "毛衣 "], ["13800138000", "电话"]]
)
def test_what_is_no_set_of_words_is_refused(shop: Shop, words: list[str]) -> None:
    with pytest.raises(BadInput) as refused:
        searching.add_synonyms(words=words, why="试", actor=actor(shop.supervisor), at=AT)

    assert refused.value.context["field"] == "words"
    assert SearchSynonym.objects.count() == 0


def test_only_those_who_keep_the_catalogue_enter_synonyms(shop: Shop) -> None:
    clerk = account("clerk", Role.FINANCE_OFFICER)

    with pytest.raises(Forbidden):
        searching.add_synonyms(words=["毛衣", "线衣"], why="试", actor=actor(clerk), at=AT)
    with pytest.raises(ReasonNeeded):
        searching.add_synonyms(words=["毛衣", "线衣"], why=" ", actor=actor(shop.supervisor), at=AT)

    assert SearchSynonym.objects.count() == 0


@pytest.mark.clause("SYS-6.2-09")
def test_a_search_in_vain_is_counted_by_week_and_never_by_person(goods: dict[str, int]) -> None:
    assert searching.note_miss(text=" 登山杖 ", at=AT)
    assert searching.note_miss(text="登山杖", at=AT + timedelta(hours=1))
    assert searching.note_miss(text="登山杖", at=AT + timedelta(days=7))
    assert not searching.note_miss(text="羊绒", at=AT), "somebody would find it"

    kept = SearchMiss.objects.order_by("week_on").values_list("word", "week_on", "times")
    assert list(kept) == [("登山杖", MONDAY, 2), ("登山杖", MONDAY + timedelta(days=7), 1)]
    columns = {field.name for field in SearchMiss._meta.get_fields()}
    assert not columns & {"user", "person", "asked_by", "actor", "address", "session"}


@pytest.mark.parametrize(
    "text",
    [
        "138 0013 8000",
        "13800138000 王",
        "wang@example.com",
        "SO-20261101-0001",
        "x",
        "!!!",
        "长" * 41,
    ],
)
def test_what_may_be_a_person_is_never_kept(db: None, text: str) -> None:
    assert not searching.note_miss(text=text, at=AT)

    assert SearchMiss.objects.count() == 0
    if rules.compared(text) and rules._PERSON.search(text):
        with pytest.raises(IntegrityError), transaction.atomic():
            SearchMiss.objects.create(word=text[:40], week_on=MONDAY, times=1)
    assert SearchMiss.objects.count() == 0


@pytest.fixture
def missed(goods: dict[str, int]) -> SearchMiss:
    searching.note_miss(text="书包", at=AT)
    searching.note_miss(text="书包", at=AT + timedelta(days=7))
    searching.note_miss(text="登山杖", at=AT)
    return SearchMiss.objects.get(word="书包", week_on=MONDAY)


@pytest.mark.clause("SYS-6.2-09")
def test_a_decision_covers_every_week_and_a_synonym_works_at_once(
    missed: SearchMiss, shop: Shop
) -> None:
    searching.decide_miss(
        miss_id=missed.pk,
        decision=MissDecision.SYNONYM,
        words=["双肩包"],
        actor=actor(shop.supervisor),
        at=AT,
    )

    rows = SearchMiss.objects.filter(word="书包")
    assert [row.decision for row in rows] == ["synonym", "synonym"]
    assert {row.synonym_id for row in rows} == {SearchSynonym.objects.get().pk}
    assert hits("书包") == ["BP-0007"]
    fact = Fact.objects.filter(action="catalog.search_miss_decided").get()
    assert '"weeks":2' in fact.body
    with pytest.raises(errors.MissDecided):
        searching.decide_miss(
            miss_id=missed.pk,
            decision=MissDecision.DISMISSED,
            note="不卖",
            actor=actor(shop.supervisor),
            at=AT,
        )


def test_a_synonym_that_finds_nothing_is_refused(missed: SearchMiss, shop: Shop) -> None:
    with pytest.raises(errors.StillNothing):
        searching.decide_miss(
            miss_id=missed.pk,
            decision=MissDecision.SYNONYM,
            words=["登山包"],
            actor=actor(shop.supervisor),
            at=AT,
        )
    with pytest.raises(BadInput):
        searching.decide_miss(
            miss_id=missed.pk,
            decision=MissDecision.OPEN,
            note="以后再说",
            actor=actor(shop.supervisor),
            at=AT,
        )
    with pytest.raises(ReasonNeeded):
        searching.decide_miss(
            miss_id=missed.pk,
            decision=MissDecision.ASSORTMENT,
            actor=actor(shop.supervisor),
            at=AT,
        )

    missed.refresh_from_db()
    assert (missed.decision, SearchSynonym.objects.count()) == (MissDecision.OPEN, 0)


@pytest.mark.parametrize(
    "broken",
    [
        {"decision": "dismissed", "note": "不卖"},
        {"decision": "dismissed", "decided_at": AT},
        {"decision": "synonym", "decided_at": AT},
        {"decision": "open", "decided_at": AT},
        {"decision": "maybe", "decided_at": AT, "note": "x"},
        {"times": 0},
        {"week_on": date(2026, 11, 24)},
    ],
)
def test_the_database_keeps_decisions_whole(missed: SearchMiss, broken: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        SearchMiss.objects.filter(pk=missed.pk).update(**broken)

    missed.refresh_from_db()
    assert (missed.decision, missed.times) == (MissDecision.OPEN, 1)


@pytest.mark.clause("SYS-6.2-09")
def test_the_weekly_job_tells_those_who_decide_once(missed: SearchMiss, shop: Shop) -> None:
    week = f"{MONDAY.isocalendar().year}-W{MONDAY.isocalendar().week:02}"

    first, done = (
        jobs.run_now(
            name="feedback_digest_build", period=week, actor=SYSTEM, at=AT + timedelta(days=7)
        )
        for _ in range(2)
    )

    assert first.result == done.result
    assert done.result == {"words": 2, "times": 2, "undecided": 2}
    told = Notice.objects.filter(subject=f"catalog.searchmiss:{MONDAY}")
    assert told.count() == 1
    assert told.get().link == f"/search-misses/?week={MONDAY}&decision=open"


@pytest.mark.clause("SYS-6.2-09")
def test_the_report_lists_each_word_with_its_decision(missed: SearchMiss, shop: Shop) -> None:
    searching.decide_miss(
        miss_id=missed.pk,
        decision=MissDecision.SYNONYM,
        words=["双肩包"],
        actor=actor(shop.supervisor),
        at=AT,
    )
    year, week, _day = MONDAY.isocalendar()

    file = reports.build(
        name="search_misses",
        period=f"{year}-W{week:02}",
        fmt=Format.CSV,
        actor=actor(shop.supervisor),
        at=AT,
    )

    text = file.path.read_text("utf-8-sig")
    assert file.rows == 2
    for words in ("书包 = 双肩包", "已加同义词", "登山杖", "待决定"):
        assert words in text


def test_the_list_and_the_api_search_and_note_what_nobody_finds(
    goods: dict[str, int], shop: Shop
) -> None:
    client = enter(shop.supervisor)

    page = client.get(reverse("catalog:skus"), {"q": "羊绒围巾"})
    assert "WJ-2207" in page.content.decode()
    assert "BP-0007" not in page.content.decode()
    client.get(reverse("catalog:skus"), {"q": "登山杖"})
    client.get(reverse("catalog:skus"), {"q": "羊绒", "state": "retired"})
    api = with_token(shop.supervisor)
    assert [row["code"] for row in api.get("/api/v1/search/?q=wj-2208").json()["results"]] == [
        "WJ-2208"
    ]
    assert api.get("/api/v1/search/?q=登山杖").json()["results"] == []
    assert api.get("/api/v1/search/").status_code == 400
    assert api.get("/api/v1/search/?q=" + "长" * 81).status_code == 400

    assert list(SearchMiss.objects.values_list("word", "times")) == [("登山杖", 2)]


def test_words_are_decided_on_the_screen(missed: SearchMiss, shop: Shop) -> None:
    client = enter(shop.supervisor)
    page = reverse("catalog:search_miss", args=[missed.pk])

    client.post(page, {"action": "synonym", "words": "双肩包、背包"})

    missed.refresh_from_db()
    assert (missed.decision, hits("书包")) == (MissDecision.SYNONYM, ["BP-0007"])
    assert missed.synonym is not None
    made = reverse("catalog:search_synonym", args=[missed.synonym.pk])
    assert "BP-0007" in client.get(made).content.decode()
    client.post(made, {"action": "retire", "why": "误导顾客"})
    missed.synonym.refresh_from_db()
    assert not missed.synonym.is_active
    client.post(reverse("catalog:search_synonym_new"), {"words": "围巾, 披肩", "why": "同义"})
    assert SearchSynonym.objects.filter(is_active=True).get().words == sorted(["围巾", "披肩"])
