"""Outside sources: files that were sent are read by the job, and owners hear what is late."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.utils import IntegrityError, ProgrammingError
from django.test import Client
from rest_framework.test import APIClient

from catalog.models import CompetitorPrice, SearchRank
from ops.engines.identity.choices import Role
from ops.engines.jobs.declarations import jobs
from ops.engines.kernel.errors import BadInput, Conflict, Forbidden, NotFound
from ops.engines.notices.models import Notice
from ops.engines.sources import inbox, selectors
from ops.engines.sources import services as sources
from ops.engines.sources.models import SentFile, Source
from ops.engines.sources.types import TakeReport, Terms
from ops.engines.tables import registry
from tests.catalog.ranked import TERMS, day, open_source, send, table
from tests.catalog.shop import Shop, actor
from tests.compliance.conftest import enter
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import AT, SYSTEM, account

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def media(settings: LazySettings, tmp_path: Path) -> Path:
    """Keep the files of each test apart."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


def ranks(rank: int = 12, back: int = 0, code: str = "A-1001-S") -> str:
    return table([f"{day(back)},羊绒衫,{code},{rank},100,4"])


def run(at: Any = AT + HOUR) -> TakeReport:
    return sources.take_waiting(actor=SYSTEM, at=at, progress=lambda *_: None)


@pytest.mark.clause("CAT-4.3-14")
def test_a_sent_file_is_read_by_the_job_and_its_run_is_on_record(shop: Shop, media: Path) -> None:
    source = open_source()
    sent = send(source, media, ranks(), actor(shop.specialist))
    row = SentFile.objects.get(pk=sent.id)
    assert inbox.place(source, row.key).exists()

    report = run()

    assert (report.taken, report.late) == (1, 0)
    row.refresh_from_db()
    assert (row.state, row.sha256, row.sent_name) == ("taken", sent.sha256, "specialist")
    assert row.batch is not None
    assert (row.batch.rows_read, row.batch.accepted, row.batch.rejected) == (1, 1, 0)
    kept = SearchRank.objects.get()
    assert (kept.rank, kept.source, kept.batch_id) == (12, "tmall-ranks", row.batch_id)


@pytest.mark.clause("CAT-4.3-14")
def test_the_job_of_the_register_reads_them_every_hour() -> None:
    job = jobs()["third_party_import"]

    assert job.family == "sync"
    assert "CAT-4.3-14" in job.clauses


@pytest.mark.clause("CAT-4.3-14")
def test_a_file_renamed_or_sorted_anew_has_no_second_effect(shop: Shop, media: Path) -> None:
    source, who = open_source(), actor(shop.specialist)
    rows = [f"{day(back)},羊绒衫,A-1001-S,{9 + back},100,4" for back in range(3)]
    first = send(source, media, table(rows), who)

    waiting = send(source, media, table(rows), who, name="b.csv")
    run()
    read = send(source, media, table(rows), who, name="c.csv")
    sorted_anew = send(source, media, table(reversed(rows)), who, name="d.csv")
    report = run(AT + 2 * HOUR)

    assert (waiting.id, waiting.known, read.id, read.known) == (first.id, True, first.id, True)
    assert (report.taken, report.known) == (0, 1)
    assert SentFile.objects.get(pk=sorted_anew.id).batch == SentFile.objects.get(pk=first.id).batch
    assert SearchRank.objects.count() == 3


@pytest.mark.clause("CAT-4.3-14")
def test_a_source_that_fails_does_not_stop_the_others(
    shop: Shop, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, entry = actor(shop.specialist), registry.profile_named("competitor_prices")
    broken = open_source("rivals", profile="competitor_prices")
    refused = open_source("headless")
    fine = open_source()

    def breaks(*_args: Any, **_options: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setitem(
        registry._registered,
        "competitor_prices",
        registry.Registered(entry.profile, breaks, entry.policy),
    )
    rival = "sku,rival,price,seen_on,source\nA-1001-S,某店,88.00,2026-11-20,货架\n"
    one = send(broken, media, rival, who)
    two = send(refused, media, "name,price\n羊绒衫,9\n", who)
    send(fine, media, ranks(), who)

    report = run()

    assert (report.taken, report.refused, report.failed) == (1, 1, 1)
    assert SearchRank.objects.count() == 1
    assert SentFile.objects.get(pk=one.id).state == "waiting"
    run(AT + 2 * HOUR)
    run(AT + 3 * HOUR)
    assert SentFile.objects.get(pk=one.id).state == "failed"
    assert "keyword" in SentFile.objects.get(pk=two.id).message
    told = Notice.objects.filter(subject=f"sources.source:{refused}")
    assert [one.person_id for one in told] == [shop.specialist.person_id]


@pytest.mark.clause("CAT-4.3-14")
def test_the_owner_is_told_once_when_figures_are_late(shop: Shop, media: Path) -> None:
    source = open_source(at=AT - 10 * DAY)
    monday = AT + 2 * DAY

    assert (run(monday).late, run(monday + HOUR).late) == (1, 0)
    first = Notice.objects.get()
    assert first.title.startswith("No figures yet")
    send(source, media, ranks(back=1), actor(shop.specialist), at=monday + 2 * HOUR)
    run(monday + 3 * HOUR)
    first.refresh_from_db()
    assert first.acknowledged_at is not None

    tuesday = monday + DAY
    assert (run(tuesday).late, run(tuesday + DAY).late) == (1, 0)

    notice = Notice.objects.latest("pk")
    assert (notice.person_id, notice.params["since"]) == (shop.specialist.person_id, "2026-11-23")
    assert notice.link == f"/outside-sources/{source}/"


def test_rows_left_out_are_told_with_their_number(shop: Shop, media: Path) -> None:
    source = open_source()
    rows = [f"{day()},羊绒衫,A-1001-S,12,100,4", f"{day()},毛衣,A-9999,3,10,1"]
    send(source, media, table(rows), actor(shop.specialist))

    run()

    assert Notice.objects.get().params["rejected"] == 1


def test_competitor_prices_join_by_declaration(shop: Shop, media: Path) -> None:
    source = open_source("rivals", profile="competitor_prices")
    rival = "sku,rival,price,seen_on,source\nA-1001-S,某店,88.00,2026-11-20,货架\n"
    send(source, media, rival, actor(shop.specialist))

    assert run().taken == 1

    assert CompetitorPrice.objects.get().rival == "某店"


# --- Who may, and what is refused ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "Nope!"}, "code"),
        ({"profile": "opening_stock"}, "profile"),
        ({"place": ""}, "place"),
        ({"place": "channel:nowhere"}, "place"),
        ({"place": "warehouse:HZ"}, "place"),
        ({"rhythm": "hourly"}, "rhythm"),
        ({"weekday": 8}, "weekday"),
        ({"hour": 24}, "hour"),
        ({"owner": "nobody"}, "owner"),
    ],
)
def test_a_source_is_refused_by_the_name_of_the_field(
    shop: Shop, change: dict[str, Any], field: str
) -> None:
    told = {"title": "x", "rhythm": "daily", "weekday": 1, "hour": 9, "owner": "data_analyst"}
    asked = {"code": "ranks", "profile": "search_rank", "place": "channel:tmall"}
    terms = Terms(**{**told, **{k: v for k, v in change.items() if k in told}})

    with pytest.raises(BadInput) as refused:
        sources.open_source(
            **{**asked, **{k: v for k, v in change.items() if k in asked}},
            terms=terms,
            actor=SYSTEM,
            at=AT,
        )

    assert refused.value.context["field"] == field
    assert not Source.objects.exists()


def test_a_code_names_one_source_and_a_closed_one_takes_nothing(shop: Shop, media: Path) -> None:
    source = open_source()
    with pytest.raises(Conflict):
        open_source()

    sources.close_source(source_id=source, reason="平台下线", actor=SYSTEM, at=AT)

    with pytest.raises(Conflict):
        send(source, media, ranks(), actor(shop.specialist))
    with pytest.raises(Conflict):
        sources.change_terms(source_id=source, terms=TERMS, actor=SYSTEM, at=AT)
    assert run(AT + 5 * DAY).late == 0


def test_another_shop_is_not_there_and_a_reader_sends_nothing(shop: Shop, media: Path) -> None:
    source = open_source()
    stranger = actor(account("stranger", Role.OPERATIONS_SPECIALIST))
    analyst = actor(account("analyst", Role.DATA_ANALYST))

    with pytest.raises(NotFound):
        send(source, media, ranks(), stranger)
    with pytest.raises(Forbidden):
        send(source, media, ranks(), analyst)
    with pytest.raises(Forbidden):
        sources.close_source(source_id=source, reason="no", actor=actor(shop.specialist), at=AT)

    assert not selectors.sources(actor=stranger).exists()
    assert selectors.sources(actor=analyst).count() == 1
    assert not SentFile.objects.exists()


def test_an_empty_file_and_a_full_inbox_are_refused(
    shop: Shop, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, who = open_source(), actor(shop.specialist)
    monkeypatch.setattr("ops.engines.sources.services.sending.MOST_WAITING", 1)
    with pytest.raises(BadInput):
        send(source, media, "", who)
    send(source, media, ranks(), who)

    with pytest.raises(Conflict):
        send(source, media, ranks(13), who)

    assert SentFile.objects.count() == 1


def test_the_database_keeps_a_file_as_it_was_read(shop: Shop, media: Path) -> None:
    source = open_source()
    send(source, media, ranks(), actor(shop.specialist))
    run()

    with pytest.raises(IntegrityError, match="read_once"), transaction.atomic():
        SentFile.objects.update(state="waiting", batch=None, read_at=None)
    with pytest.raises(ProgrammingError), transaction.atomic():
        SentFile.objects.update(sha256="0" * 64)
    with pytest.raises(ProgrammingError), transaction.atomic():
        SentFile.objects.all().delete()
    with pytest.raises(ProgrammingError), transaction.atomic():
        Source.objects.update(profile="competitor_prices")
    with pytest.raises(IntegrityError, match="known_time"), transaction.atomic():
        Source.objects.update(hour=24)


# --- Doors --------------------------------------------------------------------------------------


def test_a_source_is_opened_fed_and_closed_on_its_pages(shop: Shop, media: Path) -> None:
    keeper, sender = enter(shop.supervisor), enter(shop.specialist)
    fields = {
        "code": "tmall-ranks",
        "profile": "search_rank",
        "place": "channel:tmall",
        "title": "生意参谋",
        "rhythm": "weekly",
        "weekday": "1",
        "hour": "9",
        "owner": "operations_specialist",
        "licence": "平台授权，内部使用",
    }
    assert keeper.post("/outside-sources/new/", {**fields, "hour": "24"}).status_code == 400
    assert keeper.post("/outside-sources/new/", fields).status_code == 302
    source = Source.objects.get()
    page = f"/outside-sources/{source.pk}/"

    answer = _upload(sender, page, ranks())
    assert answer.status_code == 302
    run()

    text = sender.get(page).content.decode()
    assert "已接收" in text
    assert "平台授权，内部使用" in text
    assert "生意参谋" in keeper.get("/outside-sources/").content.decode()
    about = ("code", "profile", "place")
    changed = {name: fields[name] for name in fields if name not in about}
    changed |= {"rhythm": "daily", "hour": "10"}
    assert keeper.post(f"{page}edit/", changed).status_code == 302
    assert keeper.post(page, {"action": "close", "reason": "停用"}).status_code == 302
    source.refresh_from_db()
    assert (source.rhythm, source.hour, source.closed_at is None) == ("daily", 10, False)


def _upload(client: Client, page: str, text: str) -> Any:
    file = SimpleUploadedFile("排名.csv", text.encode(), "text/csv")
    return client.post(page, {"action": "send", "file": file})


def test_the_api_lists_sources_and_takes_a_file_once(shop: Shop, media: Path) -> None:
    open_source()
    api = with_token(shop.specialist)

    first = _send(api, ranks())
    again = _send(api, ranks())

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["state"] == "waiting"
    found = api.get("/api/v1/outside-sources/").json()["results"]
    assert [(one["code"], one["waiting"]) for one in found] == [("tmall-ranks", 1)]
    assert len(api.get("/api/v1/source-files/?source=tmall-ranks").json()["results"]) == 1
    assert _send(api, ranks(), source="nope").status_code == 404
    stranger = with_token(account("stranger", Role.OPERATIONS_SPECIALIST))
    assert _send(stranger, ranks(5)).status_code == 404
    assert stranger.get("/api/v1/source-files/").json()["results"] == []


def _send(api: APIClient, text: str, source: str = "tmall-ranks") -> Any:
    file = SimpleUploadedFile("ranks.csv", text.encode(), "text/csv")
    return api.post("/api/v1/source-files/", {"source": source, "file": file}, format="multipart")
