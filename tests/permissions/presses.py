"""One press of a button for each screen no story drives: who presses, where, and with what.

A press is made in the founded company (`tests/badinput/ground.py`). The first one of a name that
begins with a screen's is what drives it; what must be there before is made by presses as well.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from catalog.models import (
    Channel,
    Festival,
    PriceChange,
    Promotion,
    SearchKeyword,
    ShownFigure,
    Sku,
)
from catalog.services import references
from customers.models import Customer
from finance.models import Break, JournalEntry, SettlementFile
from inventory.models import CountSheet, SafetyEquipment, Shipment, StockCount, Supplier, Warehouse
from ops.engines.audit.models import Fact
from ops.engines.documents.models import RuleDocument
from ops.engines.identity.models import DutyException, DutyRule, User
from ops.engines.jobs.models import JobRun
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.notices.models import Notice
from ops.engines.periods.models import Period
from ops.engines.reports.models import ReportRun
from ops.engines.sheets.models import Sheet
from ops.engines.tables.models import ImportBatch
from tests.badinput.ground import Ground
from tests.support.uploads import png

Answer = Any
NAMES: Final = "供应商编码,name\nGYS-9001,恒源毛纺\n"


def today(ahead: int = 0) -> str:
    """Return a day as a date control sends it."""
    return (business_day(timezone.now()) + dt.timedelta(days=ahead)).isoformat()


def press(ground: Ground, who: str, url: str, **fields: Any) -> Answer:
    """Press the button of a form."""
    return ground.browser(who).post(url, fields)


def first(model: Any, **where: Any) -> int:
    """Return the number of the oldest row."""
    return int(model.objects.filter(**where).order_by("pk").values_list("pk", flat=True)[0])


def approvals(ground: Ground) -> Answer:
    """Approve what one selected in the inbox."""
    page = ground.browser("supervisor").get("/approvals/").content.decode()
    sel = re.findall(r'name="sel" value="([0-9]+:[0-9a-f]+)"', page)[0]
    return press(ground, "supervisor", "/approvals/", sel=sel, step="do")


def revision(ground: Ground) -> Answer:
    """Write the next version of a rule document."""
    settled = RuleDocument.objects.exclude(versions__state__in=("draft", "submitted"))
    url = f"/documents/{settled.order_by('pk').values_list('code', flat=True)[0]}/revise/"
    fields = {"reason": "年度修订", "text": "一、目的\n照章办事。", "effective_on": today(30)}
    return press(ground, "compliance", url, **fields)


def exception(ground: Ground) -> Answer:
    """Ask for an exception from separated duties, on a person's page."""
    person = User.objects.get(username="buyer_officer").person_id
    rule = DutyRule.objects.order_by("pk").values_list("key", flat=True)[0]
    days = {"first": today(), "last": today(30)}
    url = f"/people/{person}/"
    return press(ground, "hr", url, action="except", rule=rule, **days, reason="临时顶岗")


def exception_approved(ground: Ground) -> Answer:
    """Approve it, as the first of two."""
    exception(ground)
    url = f"/duty-exceptions/{first(DutyException)}/"
    return press(ground, "finance_manager", url, action="approve")


def breaks_taken(ground: Ground) -> Answer:
    """Take selected differences over."""
    sel = first(Break, state="open")
    return press(ground, "finance", "/finance/breaks/", action="take", sel=sel)


def break_taken(ground: Ground) -> Answer:
    """Take one over on its page."""
    url = f"/finance/breaks/{first(Break, state='open')}/"
    return press(ground, "finance", url, action="take")


def entry_reversed(ground: Ground) -> Answer:
    """Ask to reverse a voucher."""
    url = f"/finance/entries/{first(JournalEntry)}/"
    return press(ground, "finance", url, action="reverse", business_day=today(), reason="记错")


def reconciled(ground: Ground) -> Answer:
    """Compare a statement with the books again."""
    return press(ground, "finance", f"/finance/files/{first(SettlementFile)}/", action="run")


def enrolled(ground: Ground) -> Answer:
    """Let a buyer belong to the tier that a promotion of their channel names."""
    url = f"/customers/{first(Customer, orders__channel__code='tmall', tiers=None)}/"
    fields = {"tier": "gold", "since": "", "until": "", "reason": "消费满额"}
    return press(ground, "supervisor", url, action="tier", **fields)


def matched(ground: Ground) -> Answer:
    """Explain one line on the workbench."""
    line = Break.objects.filter(state="open").order_by("pk")[0]
    sent = {"channel": line.channel_id, "line": line.pk, "sel": line.pk}
    return press(ground, "finance", "/finance/matching/", **sent, code="transit", reason="在途")


def imported(ground: Ground) -> Answer:
    """Hand a file in and look at it."""
    file = SimpleUploadedFile("供应商.csv", NAMES.encode())
    return press(ground, "buyer_officer", "/imports/", profile="suppliers", file=file)


def import_loaded(ground: Ground) -> Answer:
    """Load it."""
    imported(ground)
    batch = ImportBatch.objects.order_by("-pk")[0]
    return press(ground, "buyer_officer", f"/imports/{batch.pk}/", step="load")


def found(ground: Ground) -> Answer:
    """Enter goods that lie there and are not on the count sheet."""
    count = first(StockCount, state="open", warehouse__code="HZ")
    press(ground, "finance", f"/inventory/counts/{count}/", action="start")
    sheet = CountSheet.objects.filter(count=count).order_by("pk")[0]
    url = f"/inventory/counts/{sheet.count_id}/sheets/{sheet.sheet_no}/found/"
    code = Sku.objects.order_by("-pk").values_list("code", flat=True)[0]
    return press(ground, "keeper", url, sku=code, quantity="2")


def equipment(ground: Ground) -> Answer:
    """Register an extinguisher."""
    days = {"inspected_on": today(-10), "next_inspection_on": today(300)}
    what = {"warehouse": first(Warehouse, code="HZ"), "code": "MH-01", "kind": "extinguisher"}
    return press(ground, "keeper", "/inventory/equipment/new/", **what, **days, place="一号门")


def equipment_inspected(ground: Ground) -> Answer:
    """Write down its next inspection."""
    equipment(ground)
    days = {"inspected_on": today(-1), "next_inspection_on": today(360)}
    url = f"/inventory/equipment/{first(SafetyEquipment)}/"
    return press(ground, "keeper", url, action="inspected", **days)


def opening_rule(ground: Ground) -> Answer:
    """Begin to hold a warehouse to its opening check."""
    where = first(Warehouse, code="HZ")
    return press(
        ground, "store_manager", "/inventory/opening-rule/", warehouse=where, since=today()
    )


def shipments(ground: Ground) -> Answer:
    """Pick selected shipments."""
    waiting = Shipment.objects.filter(state="open", warehouse__code="HZ").order_by("pk")
    sel = waiting.values_list("pk", flat=True)[0]
    return press(ground, "keeper", "/inventory/shipments/", action="pick", sel=sel)


def supplier(ground: Ground) -> Answer:
    """Enter a supplier."""
    url = "/inventory/suppliers/new/"
    return press(ground, "buyer_officer", url, code="GYS-77", name="恒源毛纺")


def supplier_suspended(ground: Ground) -> Answer:
    """Buy nothing of one for now."""
    url = f"/inventory/suppliers/{first(Supplier)}/"
    return press(ground, "buyer_officer", url, action="turn", reason="质量问题")


def job_changed(ground: Ground) -> Answer:
    """Let a job run at another minute from tomorrow on."""
    url = "/jobs/clause_evidence_scan/"
    fields = {"step": "change", "kind": "moved", "time": "03:30", "first": today(1)}
    return press(ground, "it_supervisor", url, **fields, reason="错开高峰")


def job_run(ground: Ground) -> Answer:
    """Run a period of a job by hand."""
    return press(ground, "it_supervisor", "/jobs/clause_evidence_scan/", period=today(1))


def exception_to_period(ground: Ground) -> Answer:
    """Give leave to post into days that are shut."""
    until = f"{timezone.localtime(timezone.now() + dt.timedelta(hours=5)):%Y-%m-%d %H:%M}"
    shut = Period.objects.filter(module="stock").exclude(state="open").order_by("-pk")[0].days.lower
    days = {"module": "stock", "first": f"{shut}", "last": f"{shut}", "until": until}
    return press(ground, "store_manager", "/periods/", action="grant", **days, reason="补录")


def price_edited(ground: Ground) -> Answer:
    """Change a drafted price."""
    draft = PriceChange.objects.filter(state="draft").order_by("pk")[0]
    line = draft.lines.order_by("pk")[0]
    fields = {
        "channel": draft.channel_id,
        "reason": "换季",
        "starts_at": f"{timezone.localtime(timezone.now() + dt.timedelta(days=2)):%Y-%m-%d %H:%M}",
        "lines-0-sku": line.sku.code,
        "lines-0-price": str(line.new_price),
    }
    who = User.objects.get(person_id=draft.drafted_by).username
    return press(ground, who, f"/price-changes/{draft.pk}/edit/", **fields)


def subscribed(ground: Ground) -> Answer:
    """Ask to be told when a report is made."""
    return press(ground, "keeper", "/reports/", report="warehouse_safety", wants="1")


def report_asked(ground: Ground) -> Answer:
    """Ask for a report as a file."""
    url = "/reports/stock_in_out_onhand/"
    return press(ground, "keeper", url, period=today()[:7], format="xlsx")


def report_stopped(ground: Ground) -> Answer:
    """Stop it."""
    report_asked(ground)
    url = f"/reports/runs/{ReportRun.objects.order_by('-pk')[0].pk}/"
    return press(ground, "keeper", url, step="stop")


def sheet(ground: Ground) -> Answer:
    """Open a check by hand."""
    where = first(Warehouse, code="HZ")
    fields = {"which": f"warehouse_opening:{where}", "day": today(3)}
    return press(ground, "keeper", "/sheets/new/", **fields)


def sheet_voided(ground: Ground) -> Answer:
    """Void it."""
    sheet(ground)
    url = f"/sheets/{Sheet.objects.order_by('-pk')[0].pk}/"
    return press(ground, "store_manager", url, action="void", reason="开错了")


def off_sale(ground: Ground) -> Answer:
    """Take an offer off sale at once."""
    url = f"/skus/{first(Sku)}/"
    sent = {"action": "suspend", "channel": first(Channel, code="tmall"), "reason": "标错价"}
    return press(ground, "supervisor", url, **sent)


LOUD: Final[Mapping[str, Callable[[Ground], Answer]]] = {
    "/approvals/": approvals,
    "/customers/<int:customer_id>/": enrolled,
    "/documents/<str:code>/revise/": revision,
    "/duty-exceptions/<int:exception_id>/": exception_approved,
    "/finance/breaks/": breaks_taken,
    "/finance/breaks/<int:pk>/": break_taken,
    "/finance/entries/<int:pk>/": entry_reversed,
    "/finance/files/<int:pk>/": reconciled,
    "/finance/matching/": matched,
    "/imports/": imported,
    "/imports/<int:batch_id>/": import_loaded,
    "/inventory/counts/<int:pk>/sheets/<int:sheet_no>/found/": found,
    "/inventory/equipment/<int:pk>/": equipment_inspected,
    "/inventory/equipment/new/": equipment,
    "/inventory/opening-rule/": opening_rule,
    "/inventory/shipments/": shipments,
    "/inventory/suppliers/<int:pk>/": supplier_suspended,
    "/inventory/suppliers/new/": supplier,
    "/jobs/<slug:name>/": job_changed,
    "/people/<int:person_id>/": exception,
    "/periods/": exception_to_period,
    "/price-changes/<int:change_id>/edit/": price_edited,
    "/reports/": subscribed,
    "/reports/<slug:name>/": report_asked,
    "/reports/runs/<int:run_id>/": report_stopped,
    "/sheets/<int:pk>/": sheet_voided,
    "/sheets/new/": sheet,
    "/skus/<int:sku_id>/": off_sale,
}
"""Presses that change the business, by the route of their screen: each must leave a fact."""


def basket_tried(ground: Ground) -> Answer:
    """Ask what a basket costs under a promotion."""
    code = Sku.objects.order_by("pk").values_list("code", flat=True)[0]
    url = f"/promotions/{first(Promotion)}/try/"
    return press(ground, "supervisor", url, **{"lines-0-sku": code, "lines-0-quantity": "2"})


def noticed(ground: Ground) -> Answer:
    """Mark a notice as read."""
    person = ground.actors["keeper"].person_id
    return press(ground, "keeper", "/inbox/", notice=first(Notice, person_id=person))


def keys(ground: Ground) -> Answer:
    """Switch the shortcuts of the keyboard off for oneself."""
    return press(ground, "keeper", "/keys/", next="/")


def _run() -> str:
    run = JobRun.objects.order_by("pk")[0]
    return f"/jobs/{run.job}/runs/{run.pk}/"


def _reference() -> str:
    made = references.record_suggested(
        sku_id=first(Sku),
        channel_id=first(Channel),
        name="厂家建议零售价",
        price=Decimal("299.00"),
        file_name="price.png",
        data=png(),
        actor=Actor.importer("tests"),
        at=timezone.now(),
    )
    return f"/reference-prices/{made}/"


QUIET: Final[Mapping[str, Callable[[Ground], Answer]]] = {
    "/inbox/": noticed,
    "/keys/": keys,
    "/promotions/<int:promotion_id>/try/": basket_tried,
}
"""Presses that answer and change no business: a question, a person's own marks."""

READ_ONLY: Final[Mapping[str, tuple[str, Callable[[], str]]]] = {
    "/audit/facts/<int:fact_id>/": ("auditor", lambda: f"/audit/facts/{first(Fact)}/"),
    "/festivals/<int:festival_id>/": ("supervisor", lambda: f"/festivals/{first(Festival)}/"),
    "/finance/trial-balance/": ("finance", lambda: "/finance/trial-balance/"),
    "/finance/trial-balance/<str:month>/": (
        "finance",
        lambda: f"/finance/trial-balance/{today()[:7]}/",
    ),
    "/jobs/<slug:name>/runs/<int:run_id>/": ("it_supervisor", _run),
    "/product-feedback/counts/": ("supervisor", lambda: "/product-feedback/counts/"),
    "/promotion-calendar/": ("supervisor", lambda: "/promotion-calendar/"),
    "/promotion-calendar/<str:month>/": (
        "supervisor",
        lambda: f"/promotion-calendar/{today()[:7]}/",
    ),
    "/reference-prices/<int:reference_id>/": ("supervisor", _reference),
    "/shown-figures/<int:figure_id>/": (
        "supervisor",
        lambda: f"/shown-figures/{first(ShownFigure)}/",
    ),
    "/search-ranks/<int:keyword_id>/": (
        "supervisor",
        lambda: f"/search-ranks/{first(SearchKeyword)}/",
    ),
    "/sheets/kinds/<slug:key>/": ("store_manager", lambda: "/sheets/kinds/warehouse_opening/"),
    "/system/queues/": ("auditor", lambda: "/system/queues/"),
    "/system/reference/": ("auditor", lambda: "/system/reference/"),
}
"""Records without a deed: their page is there, and a POST is refused and changes nothing."""
