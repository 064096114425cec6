"""Pages of a channel: composed of live modules, looked at, decided, brought back, and whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from catalog.errors.pages import ChannelIncomplete, ModuleTaken, PreviewUnreadable
from catalog.models import Channel, PagePreview, ShopPage, TradeStep
from catalog.rules.pages import checklist
from catalog.selectors import pages as selectors
from catalog.services import channels
from catalog.services import pages as services
from ops.engines.approvals.models import Request
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import BadInput, Conflict, Forbidden
from ops.engines.revisions import declarations, errors
from ops.engines.revisions import selectors as versions
from ops.engines.revisions import services as revisions
from ops.engines.revisions.models import Publication, Revision
from tests.catalog import pages
from tests.catalog.pages import House
from tests.engines.identity.factories import AT, SYSTEM
from tests.engines.revisions.toys import refused_by, run

DESIGN, MODULE, PLAN, STEP = (
    "catalog.page_design",
    "catalog.page_module",
    "catalog.shop_plan",
    "catalog.trade_step",
)
LATER = AT + timedelta(hours=1)


@pytest.fixture(name="house")
def fixture_house(db: None) -> House:
    """Return an own channel with a plan and a module type in force."""
    made = pages.house()
    made.make_ready()
    return made


def codes(house: House, content: dict[str, Any], *, looked_at: bool = True) -> list[str]:
    """Hand a home page in and return what stops it."""
    made = revisions.draft(
        kind=DESIGN,
        subject_id=house.page_id("home"),
        content=content,
        why="try",
        actor=house.writer(DESIGN),
        at=AT,
    )
    if looked_at:
        pages.look_at(made, house.writer(DESIGN))
    with pytest.raises(errors.FindingsStop) as refusal:
        revisions.submit(revision_id=made.id, actor=house.writer(DESIGN), at=AT)
    assert Revision.objects.get(pk=made.id).state == "draft"
    assert not Request.objects.filter(subject_id=made.piece_id, state="submitted").exists()
    return [each["code"] for each in refusal.value.context["findings"]]


def live_no(kind: str, subject_id: int, at: Any = LATER) -> int | None:
    found = versions.live(kind=kind, subject_ids=[subject_id], at=at)
    return found[subject_id].no if found else None


# --- Plans (MKT-5.3-09) -----------------------------------------------------------------------


@pytest.mark.clause("MKT-5.3-09")
def test_the_manager_decides_the_plan_the_supervisor_wrote(db: None) -> None:
    house = pages.house()
    made = house.submitted(PLAN, house.channel_id, pages.PLAN)

    request = Request.objects.get(pk=made.approval_id or 0)
    assert request.flow == "shop_plan"
    assert [step["role"] for step in request.steps] == [Role.OPERATIONS_MANAGER]
    assert live_no(PLAN, house.channel_id) is None
    house.decide(made)
    assert live_no(PLAN, house.channel_id) == 1


@pytest.mark.clause("MKT-5.3-09")
def test_a_page_follows_the_plan_in_force(house: House) -> None:
    house.published(PLAN, house.channel_id, {**pages.PLAN, "style": "Bold"})

    assert codes(house, pages.design()) == ["catalog.plan_not_in_force"]


def test_a_plan_says_for_whom_at_what_price_on_what_evidence(house: House) -> None:
    for field, value in (
        ("audience", ""),
        ("price_high", "98.00"),
        ("price_low", "0"),
        ("price_low", "1e3"),
        ("style", ""),
        ("demand", []),
        ("demand", [{"finding": "x", "source": ""}]),
    ):
        with pytest.raises(BadInput) as refusal:
            house.drafted(PLAN, house.channel_id, {**pages.PLAN, field: value})
        assert str(refusal.value.context["field"]).startswith(field)


# --- Modules (CAT-4.3-13) ---------------------------------------------------------------------


@pytest.mark.clause("CAT-4.3-13")
def test_a_page_is_composed_of_live_modules_within_their_fields(house: House) -> None:
    stranger = pages.design()
    stranger["modules"].append({"key": "new", "module": "slider", "version": 1, "values": {}})
    assert codes(house, stranger) == ["catalog.module_not_live"]
    revisions.discard(
        revision_id=Revision.objects.latest("pk").pk, actor=house.writer(DESIGN), at=AT
    )
    misfit = pages.design(colour="red", headline="x" * 31, goods=["NO-SUCH"], more="ftp://x")
    assert sorted(codes(house, misfit)) == [
        "catalog.field_misfit",
        "catalog.field_misfit",
        "catalog.field_unknown",
        "catalog.sku_unknown",
    ]


@pytest.mark.clause("CAT-4.3-13")
def test_who_changes_a_module_sees_the_pages_it_stands_on(house: House) -> None:
    home = house.page_id("home")
    house.published(DESIGN, home, pages.design())
    module_id = selectors.modules().get(code="banner").pk

    made = house.submitted(MODULE, module_id, {**pages.BANNER, "title": "Hero"})

    [affected] = selectors.affected_pages(module_id=module_id, at=LATER)
    assert (affected.page_id, affected.version, affected.module_version) == (home, 1, 1)
    assert Request.objects.get(pk=made.approval_id or 0).figures["pages_affected"] == 1
    house.decide(made)
    assert live_no(DESIGN, home) == 1
    assert codes(house, pages.design(headline="Later")) == ["catalog.module_not_live"]


def test_a_module_type_names_sizes_and_an_owner(house: House) -> None:
    module_id = pages.module("grid")
    for field, change in (
        ("owner", {"owner": "buyer"}),
        ("fields.1.width", {"fields": [{"key": "p", "title": "P", "kind": "image"}]}),
        ("fields", {"fields": [pages.BANNER["fields"][0]] * 2}),
        ("fields.1.kind", {"fields": [{"key": "p", "title": "P", "kind": "video"}]}),
        ("fields.1.most", {"fields": [{"key": "p", "title": "P", "kind": "goods", "most": 99}]}),
    ):
        with pytest.raises(BadInput) as refusal:
            house.drafted(MODULE, module_id, {**pages.BANNER, **change})
        assert refusal.value.context["field"] == field
    with pytest.raises(ModuleTaken):
        pages.module("BANNER")


# --- Checklist and previews (SYS-6.2-08, SYS-6.2-12) ------------------------------------------


@pytest.mark.clause("SYS-6.2-08")
def test_mandatory_lines_block_and_others_are_remarks(house: House) -> None:
    failing = pages.design()
    failing["checklist"] |= {"navigation": "no", "load": "3.1", "search": "no"}
    del failing["checklist"]["layout"]

    assert codes(house, failing) == [
        "catalog.checklist_fails",
        "catalog.checklist_fails",
        "catalog.checklist_open",
    ]


@pytest.mark.clause("SYS-6.2-08")
def test_a_line_that_is_no_must_is_kept_as_a_remark(house: House) -> None:
    content = pages.design()
    content["checklist"]["search"] = "no"

    made = house.submitted(DESIGN, house.page_id("home"), content)

    assert made.findings is not None
    remarks = [each for each in made.findings if each.code != "catalog.search_short"]
    assert [(each.code, each.level) for each in remarks] == [("catalog.checklist_fails", "note")]


@pytest.mark.clause("SYS-6.2-12")
def test_a_page_is_looked_at_in_two_widths_before_it_is_handed_in(house: House) -> None:
    assert codes(house, pages.design(), looked_at=False) == ["catalog.preview_missing"] * 2


@pytest.mark.clause("SYS-6.2-12")
def test_a_preview_of_other_words_does_not_count(house: House) -> None:
    made = house.drafted(DESIGN, house.page_id("home"), pages.design())
    revisions.edit(
        revision_id=made.id,
        content=pages.design(headline="Other"),
        actor=house.writer(DESIGN),
        at=AT,
    )

    with pytest.raises(errors.FindingsStop):
        revisions.submit(revision_id=made.id, actor=house.writer(DESIGN), at=AT)


@pytest.mark.clause("SYS-6.2-12")
def test_previews_are_drawn_from_the_values_of_the_version(house: House) -> None:
    made = revisions.draft(
        kind=DESIGN,
        subject_id=house.page_id("home"),
        content=pages.design(),
        why="try",
        actor=house.writer(DESIGN),
        at=AT,
    )

    drawn = services.render_previews(revision_id=made.id, actor=house.writer(DESIGN), at=AT)

    assert [(each.width, each.origin) for each in drawn] == [(360, "rendered"), (768, "rendered")]
    assert len({each.sha256 for each in drawn}) == 2
    revisions.submit(revision_id=made.id, actor=house.writer(DESIGN), at=AT)


@pytest.mark.clause("SYS-6.2-12")
def test_a_screenshot_has_the_width_it_claims(house: House) -> None:
    made = revisions.draft(
        kind=DESIGN,
        subject_id=house.page_id("home"),
        content=pages.design(),
        why="try",
        actor=house.writer(DESIGN),
        at=AT,
    )
    given: dict[str, Any] = {"revision_id": made.id, "actor": house.writer(DESIGN), "at": AT}

    for width, data in ((360, pages.png(361)), (360, b"GIF89a"), (400, pages.png(400))):
        with pytest.raises(PreviewUnreadable):
            services.hand_in_preview(width=width, data=data, **given)
    assert services.hand_in_preview(width=360, data=pages.png(720), **given).width == 360

    assert PagePreview.objects.count() == 1


# --- Review and the way back (MKT-5.3-08) -----------------------------------------------------


@pytest.mark.clause("MKT-5.3-08")
def test_a_page_is_live_only_after_the_supervisor_and_one_step_brings_the_former_back(
    house: House,
) -> None:
    home = house.page_id("home")
    first = house.published(DESIGN, home, pages.design())
    second = house.submitted(DESIGN, home, pages.design(headline="Winter"), at=LATER)
    request = Request.objects.get(pk=second.approval_id or 0)
    assert [step["role"] for step in request.steps] == [
        Role.WEB_EDITING_SUPERVISOR,
        Role.OPERATIONS_SUPERVISOR,
    ]
    assert live_no(DESIGN, home, LATER) == 1
    house.decide(second, at=LATER)
    assert live_no(DESIGN, home, LATER) == 2

    # A newer plan does not bar the way back.
    house.published(PLAN, house.channel_id, {**pages.PLAN, "style": "Bold"}, at=LATER)
    after = LATER + timedelta(hours=1)
    revisions.restore(
        revision_id=first.id,
        why="The banner is broken",
        actor=house.actor(Role.OPERATIONS_SUPERVISOR),
        at=after,
    )

    assert live_no(DESIGN, home, after) == 1


@pytest.mark.clause("MKT-5.3-08")
def test_the_database_publishes_nothing_unapproved(house: House) -> None:
    made = house.submitted(DESIGN, house.page_id("home"), pages.design())

    for how, why in (("published", ""), ("restored", "x"), ("opening", "")):
        with refused_by("publication_needs_approval"):
            run(
                "INSERT INTO revisions_publication"
                " (piece_id, revision_id, approval_id, how, since, during, why, ended_why)"
                " SELECT piece_id, id, approval_id, %s, %s, tstzrange(%s, NULL), %s, ''"
                " FROM revisions_revision WHERE id = %s",
                how,
                LATER,
                LATER,
                why,
                made.id,
            )

    assert Publication.objects.filter(piece__kind=DESIGN).count() == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("follows_plan", "shop plan"),
        ("of_live_modules", "not approved"),
        ("passes_checklist", "checklist"),
        ("was_looked_at", "two widths"),
    ],
)
def test_the_database_asks_again_what_the_checks_asked(
    house: House, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    content = pages.design()
    if name == "follows_plan":
        content["plan"] = 7
    if name == "of_live_modules":
        content["modules"][0]["module"] = "slider"
    if name == "passes_checklist":
        content["checklist"]["load"] = "9"
    kind = declarations.kind_named(DESIGN)
    monkeypatch.setitem(declarations._kinds, DESIGN, replace(kind, checks=()))
    made = revisions.draft(
        kind=DESIGN,
        subject_id=house.page_id("home"),
        content=content,
        why="past the checks",
        actor=house.writer(DESIGN),
        at=AT,
    )
    if name != "was_looked_at":
        pages.look_at(made, house.writer(DESIGN))
    handed = revisions.submit(revision_id=made.id, actor=house.writer(DESIGN), at=AT)

    with pytest.raises(Conflict, match=words), transaction.atomic():
        house.decide(handed)

    assert Publication.objects.filter(piece__kind=DESIGN).count() == 0


def test_the_database_knows_the_mandatory_lines() -> None:
    mandatory = {line.key for line in checklist.LINES if line.is_mandatory}

    assert mandatory == {"navigation", "steps", "load", "layout", "type", "targets", "words"}


# --- The set of a channel (MKT-5.3-10, SCM-2.4-07) --------------------------------------------


@pytest.mark.clause("MKT-5.3-10")
@pytest.mark.clause("SCM-2.4-07")
def test_an_own_channel_opens_only_whole(house: House) -> None:
    supervisor = house.actor(Role.OPERATIONS_SUPERVISOR)
    with pytest.raises(ChannelIncomplete) as refusal:
        channels.set_active(channel_id=house.channel_id, is_active=True, actor=supervisor, at=LATER)
    assert refusal.value.context["lacking"] == [
        "home", "detail", "category", "register", "choose", "order", "pay", "deliver", "confirm",
    ]  # fmt: skip
    house.complete()
    revisions.retire(
        kind=STEP, subject_id=house.step_id("pay"), why="wrong", actor=supervisor, at=LATER
    )
    with pytest.raises(ChannelIncomplete) as refusal:
        channels.set_active(channel_id=house.channel_id, is_active=True, actor=supervisor, at=LATER)
    assert refusal.value.context["lacking"] == ["pay"]
    assert not house.is_active
    house.published(STEP, house.step_id("pay"), {**pages.GUIDANCE, "text": "Now"}, at=LATER)

    channels.set_active(channel_id=house.channel_id, is_active=True, actor=supervisor, at=LATER)

    assert house.is_active


@pytest.mark.clause("MKT-5.3-10")
@pytest.mark.clause("SCM-2.4-07")
def test_the_database_opens_no_own_channel_that_lacks_a_part(house: House) -> None:
    with refused_by("channel_opens_whole"):
        run("UPDATE catalog_channel SET is_active = true WHERE id = %s", house.channel_id)
    with refused_by("channel_opens_whole"):
        run(
            "INSERT INTO catalog_channel (code, name, platform, currency, is_active, is_own)"
            " VALUES ('other', 'x', 'own', 'CNY', true, true)"
        )
    market = channels.create_channel(code="m", name="m", platform="tmall", actor=SYSTEM, at=AT)
    with refused_by("channel_opens_whole"):
        run("UPDATE catalog_channel SET is_own = true WHERE id = %s", market.id)

    assert not house.is_active


@pytest.mark.clause("SCM-2.4-07")
def test_a_marketplace_records_the_link_and_an_own_channel_its_words(house: House) -> None:
    market = channels.create_channel(code="m", name="m", platform="tmall", actor=SYSTEM, at=AT)
    step = TradeStep.objects.get(channel=market.id, step="pay").pk
    there = House(market.id)
    writer = there.actor(Role.EDITOR)
    there.task(Role.EDITOR, "copy", "trade_step", step)

    def hand_in(subject_id: int, content: Any, actor: Any) -> None:
        made = revisions.draft(
            kind=STEP, subject_id=subject_id, content=content, why="x", actor=actor, at=AT
        )
        revisions.submit(revision_id=made.id, actor=actor, at=AT)

    for subject_id, content, actor, field in (
        (step, pages.GUIDANCE, writer, "link"),
        (house.step_id("pay"), pages.OF_MARKET, house.writer(STEP), "text"),
    ):
        with pytest.raises(errors.FindingsStop) as refusal:
            hand_in(subject_id, content, actor)
        assert refusal.value.context["field"] == field
    revisions.edit(
        revision_id=Revision.objects.get(piece__subject_id=step, piece__kind=STEP).pk,
        content=pages.OF_MARKET,
        actor=writer,
        at=AT,
    )
    revisions.submit(
        revision_id=Revision.objects.get(piece__subject_id=step, piece__kind=STEP).pk,
        actor=writer,
        at=AT,
    )
    assert channels.info(Channel.objects.get(pk=market.id)).is_active


def test_every_channel_has_its_three_pages_and_six_steps(house: House) -> None:
    found = selectors.channel_set(channel_id=house.channel_id, at=LATER)

    assert (len(found.pages), len(found.steps), len(found.lacking)) == (3, 6, 9)
    assert ShopPage.objects.filter(channel=house.channel_id).count() == 3
    assert found.plan_no == 1


# --- Who may (HR-1.2-16) ----------------------------------------------------------------------


@pytest.mark.clause("HR-1.2-16")
def test_specialist_and_designer_draft_pages_and_nobody_else(house: House) -> None:
    home = house.page_id("home")
    for role in (Role.OPERATIONS_SUPERVISOR, Role.EDITOR, Role.DATA_ANALYST):
        with pytest.raises(Forbidden):
            revisions.draft(
                kind=DESIGN,
                subject_id=home,
                content=pages.design(),
                why="x",
                actor=house.actor(role),
                at=AT,
            )
    house.task(Role.DESIGNER, "design", "page", home)
    for role in (Role.DESIGNER, Role.OPERATIONS_SPECIALIST):
        made = revisions.draft(
            kind=DESIGN,
            subject_id=home,
            content=pages.design(),
            why="x",
            actor=house.actor(role),
            at=AT,
        )
        revisions.discard(revision_id=made.id, actor=house.actor(role), at=AT)

    assert Publication.objects.filter(piece__kind=DESIGN).count() == 0
