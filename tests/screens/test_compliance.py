"""The clauses, one clause and the trail in a browser, for the auditor."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from compliance.models import ClauseStanding
from compliance.services import bundles, standing, watching
from finance.services import manual
from finance.types import LineDraft
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.audit import sealing
from ops.engines.identity import selectors as identity
from ops.engines.identity.selectors.actors import actor_for
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from tests.screens.conftest import DESK, PHONE, Site
from tests.support.waiting import seal_among_others

pytestmark = pytest.mark.browser
Verdicts = dict[str, int]
PAGES = {
    "clauses": "/clauses/",
    "clause": "/clauses/FIN-7.3-07/?ask=PC-1",
    "facts": "/audit/facts/",
    "audit-pack": "/reports/audit_pack/?period=2026-10",
    "desk-auditor-cards": "/",
    "seals": "/audit/anchors/",
    "seal": "/audit/anchors/1/",
    "bundles": "/audit/bundles/",
    "bundle": "/audit/bundles/1/",
    "bundle-make": "/audit/bundles/make/",
    "bundle-check": "/audit/bundles/check/",
    "permissions": "/permissions/?role=warehouse_keeper&kind=report",
}


@pytest.fixture(scope="module")
def posted(site: Site) -> str:
    """Post an entry by hand through its approval; return its number."""
    now = timezone.now()
    asker = identity.actor_for(site.user("finance_officer"), at=now)
    decider = identity.actor_for(site.user("finance_manager"), at=now)
    made = manual.draft(
        business_day=business_day(now),
        memo="银行手续费",
        lines=[LineDraft("6603", debit=Decimal(5)), LineDraft("1002", credit=Decimal(5))],
        actor=asker,
        at=now,
    )
    manual.submit(draft_id=made.id, actor=asker, at=now)
    request = Request.objects.get()
    approvals.approve(
        request_id=request.pk, content_hash=request.content_hash, actor=decider, at=now
    )
    return made.number


@pytest.fixture
def judged(site: Site) -> None:
    """Every clause judged once."""
    if not ClauseStanding.objects.exists():
        standing.scan(actor=Actor.system("测试"), at=timezone.now())


@pytest.fixture(scope="module")
def sealed(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verdicts]:
    """Two seals over the trail, a bundle, and two checks: an intact one and one that is not."""
    folder = tmp_path_factory.mktemp("audit")
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        override_settings(
            AUDIT_KEY_DIR=folder / "keys",
            AUDIT_ANCHOR_DIRS=[folder / "here", folder / "there"],
            MEDIA_ROOT=folder / "files",
        ),
    ):
        seal_among_others(monkeypatch)
        actor = actor_for(site.user("auditor"), at=timezone.now())
        sealing.seal(at=timezone.now())
        watching.check_trail(actor=Actor.system("audit_verify"), at=timezone.now())
        sealing.seal(at=timezone.now())
        today = business_day(timezone.now())
        made = bundles.make(first=today, last=today, actor=actor, at=timezone.now())
        _bundle, path = bundles.take(bundle_id=made.pk, actor=actor, at=timezone.now())
        good = bundles.check(file=path.open("rb"), actor=actor, at=timezone.now())
        bad = bundles.check(file=changed(path), actor=actor, at=timezone.now())
        yield {"intact": good.fact_id, "changed": bad.fact_id}


def changed(path: Path) -> io.BytesIO:
    """Return a bundle in which one fact says something else."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as given, zipfile.ZipFile(out, "w") as made:
        for name in given.namelist():
            data = given.read(name)
            if name == "facts.jsonl":
                data = data.replace(b"compliance.evidence", b"compliance.Evidence", 1)
                data = data.replace(b"audit.trail_checked", b"audit.trail_forgot", 1)
            made.writestr(name, data)
    out.seek(0)
    return out


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1440", "360"])
@pytest.mark.parametrize("name", ["intact", "changed"])
def test_the_verdict_over_a_bundle(
    sealed: Verdicts,
    sign_in: Callable[..., Page],
    visit: Callable[..., Page],
    name: str,
    size: tuple[int, int],
) -> None:
    page = sign_in("auditor", size=size)

    visit(page, f"/audit/checks/{sealed[name]}/", f"verdict-{name}-{size[0]}")

    assert ("没有发现问题" in page.content()) is (name == "intact")


@pytest.mark.clause("GEN-1.1-03")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1440", "360"])
@pytest.mark.parametrize("name", PAGES)
def test_the_auditors_pages(  # noqa: PLR0917 - two of them only make the data
    judged: None,
    sealed: Verdicts,
    sign_in: Callable[..., Page],
    visit: Callable[..., Page],
    name: str,
    size: tuple[int, int],
) -> None:
    visit(sign_in("auditor", size=size), PAGES[name], f"{name}-{size[0]}")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1440", "360"])
def test_one_document_is_asked_for_its_proof(
    judged: None,
    posted: str,
    sign_in: Callable[..., Page],
    visit: Callable[..., Page],
    size: tuple[int, int],
) -> None:
    page = sign_in("auditor", size=size)
    page.goto("/clauses/FIN-7.1-02/")
    page.locator("#ask input[name=ask]").fill(posted)
    page.get_by_role("button", name="看证据").click()

    answer = page.locator("#ask")
    for words in ("赵敏", "郑芳", "JV-", "哈希相符"):
        expect(answer).to_contain_text(words)
    visit(page, page.url.partition("#")[0], f"V16-ask-{size[0]}")
    with page.expect_download() as waited:
        page.get_by_role("button", name="导出证明").click()
    assert waited.value.suggested_filename == f"FIN-7.1-02_{posted}.json"
