"""Display plans: what stands in which slot of a page now, why, and what came of it (CAT-4.1-03)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.display import SlotLack, SlotRule, SlotSize
from catalog.choices.pages import PageKind
from catalog.desk.page_rows import CHANNELS, rows_of, standing_column
from catalog.desk.pages import VIEW
from catalog.models import SlotReplacement
from catalog.selectors import display_slots, displays, pages, shown_figures
from catalog.services import displaying
from catalog.types.display import Candidate, FilledSlot
from catalog.types.shown_figures import Counted
from catalog.views.previewed import PreviewedScreen
from catalog.views.shop_pages import preview_actions
from ops.engines.desk.contents import ContentPage, content_page
from ops.engines.desk.screens import (
    Action,
    Badge,
    Chart,
    Column,
    Done,
    Fact,
    FactGroup,
    Files,
    Filter,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    Related,
    Series,
    Tone,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may
from ops.engines.revisions.types import RevisionInfo

RESULT_DAYS = 30
MOST_REPLACEMENTS = 50
LOOKERS = may("catalog", "C")


class DisplayPlanList(ListScreen):
    """`/display-plans/`: the pages of every channel with the plan that is live."""

    policy = VIEW
    title = _("Display plans")
    nav = "display_plans"
    row_url = "catalog:display_plan"
    lead = _("Which goods stand in which slot. Goods that go off sale give way by themselves.")
    columns = (
        Column("channel", _("Channel"), value=lambda row: row[0].subject.channel.name),
        Column("kind", _("Page"), name=True, value=lambda row: PageKind(row[0].subject.kind).label),
        Column("title", _("Title"), value=lambda row: row[0].live and row[0].live.content["title"]),
        Column("slots", _("Slots"), "number",
               value=lambda row: row[0].live and len(row[0].live.content["slots"])),
        Column("replaced", _("Replaced now"), "number",
               value=lambda row: row[1] if row[0].live else None),
        Column("no", _("Live version"), "number",
               value=lambda row: row[0].live and row[0].live.no),
        dataclasses.replace(standing_column(), value=lambda row: row[0].standing),
    )  # fmt: skip
    filters = (CHANNELS, Filter("kind", _("Page"), choices=PageKind.choices))
    order = "id"
    empty = _("No channel yet. A channel is opened under System.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the pages of the actor's channels."""
        found = query.narrow(pages.pages(actor=actor), "kind", channel="channel_id")
        page = query.page(found, orders={"id": "id"})
        replaced = displays.replaced_now(page_ids=[row.pk for row in page.rows])
        rows = rows_of(pages.DISPLAY, page.rows, at=query.at)
        return dataclasses.replace(page, rows=[(row, replaced.get(row.id, 0)) for row in rows])

    def row_key(self, row: Any) -> str:
        """Return the page's id."""
        return str(row[0].id)

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to the figures of all places."""
        del actor
        return [
            Action(
                key="figures",
                label=_("Clicks by place"),
                href=reverse("catalog:shown_figures"),
            )
        ]


class DisplayPlanScreen(PreviewedScreen):
    """`/display-plans/<page>/`: what each slot shows now, what was replaced, what was clicked."""

    policy = VIEW
    title = _("Display plan")
    nav = "display_plans"
    list_url_name = "catalog:display_plans"
    list_title = _("Display plans")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the plan of the page; raises PageMissing."""
        row = pages.page(page_id=key["page_id"], actor=actor)
        page = content_page(
            kind=pages.DISPLAY,
            subject_id=row.pk,
            edit_href=reverse("catalog:display_plan_edit", args=[row.pk]),
            at=at,
        )
        shown = self.look_at(page, page_id=row.pk)
        filled = display_slots.shown(page_id=row.pk, at=at)
        last = business_day(at)
        counted = shown_figures.of_slots(
            page_id=row.pk, first=last - dt.timedelta(days=RESULT_DAYS - 1), last=last
        )
        slots = filled.slots if filled else ()
        return Record(
            number=f"{row.channel.name} · {PageKind(row.kind).label}",
            title=gettext("Display plan"),
            state=page.state,
            states=page.states,
            actions=_actions(page, row.pk),
            facts=_facts(shown, slots),
            charts=_charts(slots, counted, row.channel_id, row.kind),
            lines=(
                _now(slots, is_live=filled is not None),
                _replaced(displays.replacements(page_id=row.pk, most=MOST_REPLACEMENTS)),
                _results(slots, counted, row.channel_id, row.kind),
                *(_planned(shown) if shown else ()),
                *page.lines,
            ),
            related=(
                Related(title=_("Shop page"), href=reverse("catalog:shop_page", args=[row.pk])),
                Related(title=_("Clicks by place"), href=figures_href(row.channel_id, row.kind)),
            ),
            files=Files(
                object_type=pages.FILES, object_id=row.pk, title=_("Pictures and previews")
            ),
            clauses=("CAT-4.1-03",),
            subject=page.subject,
        )


def figures_href(channel_id: int, kind: str, slot: str = "") -> str:
    """Return where the rows behind the figures of a page or one of its slots are."""
    address = f"{reverse('catalog:shown_figures')}?channel={channel_id}&page={kind}"
    return f"{address}&slot={slot}" if slot else address


def _actions(page: ContentPage, page_id: int) -> Sequence[Action]:
    def look(_values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        report = displaying.look(page_id=page_id, actor=actor, at=at)
        words = gettext("Looked at: %(begun)s replaced anew, %(ended)s over.")
        return Done(message=words % {"begun": report.begun, "ended": report.ended})

    made = list(preview_actions(page))
    if page.live is not None:
        made.append(Action(key="look", label=_("Look at the slots now"), run=look, policy=LOOKERS))
    return made


def _facts(shown: RevisionInfo | None, slots: Sequence[FilledSlot]) -> tuple[FactGroup, ...]:
    if shown is None:
        return ()
    replaced = sum(slot.is_replaced for slot in slots)
    return (
        FactGroup(
            title=gettext("Version %(no)s") % {"no": shown.no},
            facts=(
                Fact(title=_("Title"), value=shown.content["title"]),
                Fact(
                    title=_("Days of sales that count"),
                    value=shown.content["window_days"],
                    kind="number",
                ),
                Fact(title=_("Slots"), value=len(shown.content["slots"]), kind="number"),
                Fact(title=_("Filled now"), value=len(slots), kind="number"),
                Fact(
                    title=_("Replaced now"),
                    value=replaced,
                    kind="number",
                    href="#replaced" if replaced else "",
                ),
                Fact(title=_("Reason"), value=shown.why, is_wide=True),
            ),
        ),
    )


def _good(good: Candidate | None) -> str:
    return good.code if good else ""


def _good_href(good: Candidate | None) -> str:
    return reverse("catalog:sku", args=[good.sku_id]) if good else ""


def _why(slot: FilledSlot) -> str:
    """Say in words why a slot shows what it shows."""
    if slot.is_replaced and slot.wanted is not None:
        words = gettext("in place of %(code)s: %(lack)s")
        lack = SlotLack(slot.wanted.lack).label if slot.wanted.lack else ""
        return words % {"code": slot.wanted.code, "lack": lack}
    if slot.is_pinned:
        return gettext("pinned")
    if slot.shown is None:
        return gettext("nothing fits its rule")
    pieces = ngettext("%(count)s piece sold", "%(count)s pieces sold", slot.shown.sold)
    return gettext("%(rule)s · %(sold)s") % {
        "rule": slot.rule.label,
        "sold": pieces % {"count": slot.shown.sold},
    }


def _standing(slot: FilledSlot) -> Badge:
    if slot.shown is None:
        return Badge(_("empty"), Tone.STOPPED)
    if slot.is_replaced:
        return Badge(_("another good"), Tone.WAITING)
    return Badge(_("as planned"), Tone.DONE)


def _now(slots: Sequence[FilledSlot], *, is_live: bool) -> Lines:
    return Lines(
        _("What each slot shows now"),
        (
            Column("key", _("Slot"), "code", name=True, sub=lambda slot: slot.title),
            Column("place", _("Place on the page"), "number"),
            Column("size", _("Size"), value=lambda slot: SlotSize(slot.size).label),
            Column("shown", _("Shown now"), "code", value=lambda slot: _good(slot.shown),
                   href=lambda slot: _good_href(slot.shown),
                   sub=lambda slot: slot.shown.name if slot.shown else ""),
            Column("price", _("Price"), "money",
                   value=lambda slot: slot.shown.price if slot.shown else None),
            Column("promotions", _("Promotion"),
                   value=lambda slot: gettext(", ").join(slot.promotions)),
            Column("state", _("State"), "badge", value=_standing),
            Column("why", _("Why"), value=_why),
        ),
        slots,
        empty=_("No slot is filled at this moment.") if is_live
        else _("No display plan is live. Draft the first version."),
        anchor="now",
    )  # fmt: skip


def _replaced(rows: Sequence[SlotReplacement]) -> Lines:
    return Lines(
        _("Goods that gave way"),
        (
            Column("slot", _("Slot"), "code", name=True, value=lambda row: row.slot.key),
            Column("wanted", _("Planned"), "code", value=lambda row: row.wanted.code,
                   href=lambda row: reverse("catalog:sku", args=[row.wanted_id]),
                   sub=lambda row: row.wanted.name),
            Column("lack", _("Why"), value=lambda row: SlotLack(row.lack).label),
            Column("shown", _("Shown instead"), "code",
                   value=lambda row: row.shown.code if row.shown else "",
                   href=lambda row: reverse("catalog:sku", args=[row.shown_id])
                   if row.shown_id else "",
                   sub=lambda row: row.shown.name if row.shown else ""),
            Column("since", _("Since"), "moment"),
            Column("until", _("Until"), value=_until),
            Column("version", _("Version"), "number", value=lambda row: row.revision.no),
        ),
        rows,
        empty=_("Every good stood where it was planned."),
        anchor="replaced",
    )  # fmt: skip


def _until(row: SlotReplacement) -> str:
    from_then = Column("until", "", "moment")
    return gettext("still") if row.until is None else from_then.cell(row, at=row.until).text


def _results(
    slots: Sequence[FilledSlot], counted: Mapping[str, Counted], channel_id: int, kind: str
) -> Lines:
    titles = {slot.key: slot.title for slot in slots}
    gone = gettext("not filled now")
    rows = sorted(counted.items(), key=lambda pair: -pair[1].shown)
    total = Counted(
        shown=sum(each.shown for _key, each in rows), clicks=sum(each.clicks for _key, each in rows)
    )
    return Lines(
        gettext("Results of %(days)s days") % {"days": RESULT_DAYS},
        (
            Column("slot", _("Slot"), name=True,
                   value=lambda pair: f"{titles.get(pair[0], gone)} · {pair[0]}",
                   href=lambda pair: figures_href(channel_id, kind, pair[0])),
            Column("shown", _("Times shown"), "number", value=lambda pair: pair[1].shown),
            Column("clicks", _("Clicks"), "number", value=lambda pair: pair[1].clicks),
            Column("click_rate", _("Click rate"), "pct", value=lambda pair: pair[1].click_rate),
            Column("orders", _("Orders from there"), "number",
                   value=lambda pair: pair[1].orders),
            Column("order_rate", _("Orders of clicks"), "pct",
                   value=lambda pair: pair[1].order_rate),
        ),
        rows,
        total={
            "slot": gettext("Total"), "shown": total.shown, "clicks": total.clicks,
            "click_rate": total.click_rate,
        } if rows else None,
        empty=_("The channel has told no figures of this page. They come by file or by the API."),
        anchor="results",
    )  # fmt: skip


def _charts(
    slots: Sequence[FilledSlot], counted: Mapping[str, Counted], channel_id: int, kind: str
) -> tuple[Chart, ...]:
    titles = {slot.key: slot.title for slot in slots}
    rows = [(key, each) for key, each in counted.items() if each.click_rate is not None]
    rows.sort(key=lambda pair: (-(pair[1].click_rate or 0), pair[0]))
    if not rows:
        return ()
    best = titles.get(rows[0][0], rows[0][0])
    return (
        Chart(
            key="slot_clicks",
            title=_("Click rate by slot"),
            kind="bar",
            categories=[titles.get(key, key) for key, _each in rows],
            series=(Series(_("Click rate"), [each.click_rate for _key, each in rows]),),
            value_kind="pct",
            hrefs=[figures_href(channel_id, kind, key) for key, _each in rows],
            finding=gettext("Most clicked: %(slot)s.") % {"slot": best},
        ),
    )


def _planned(version: RevisionInfo) -> tuple[Lines, ...]:
    def ruled(slot: Mapping[str, Any]) -> str:
        label = str(SlotRule(slot["rule"]).label)
        return " · ".join(filter(None, [label, slot["category"], slot["promotion"]]))

    return (
        Lines(
            gettext("Slots of version %(no)s") % {"no": version.no},
            (
                Column("key", _("Slot"), "code", name=True, sub=lambda slot: slot["title"]),
                Column("place", _("Place on the page"), "number"),
                Column("size", _("Size"), value=lambda slot: SlotSize(slot["size"]).label),
                Column("pinned", _("Pinned SKU"), "code"),
                Column("rule", _("Rule"), value=ruled),
                Column("since", _("From"), "moment", value=lambda slot: _moment(slot["since"])),
                Column("until", _("Until"), "moment", value=lambda slot: _moment(slot["until"])),
            ),
            version.content["slots"],
        ),
    )


def _moment(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
