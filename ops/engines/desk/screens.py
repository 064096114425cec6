"""The screens an app declares instead of writing views.

Navigation, cards and search go into the app's `desk.py`; screens into `views.py` (or `screens/`),
mounted in `urls.py` with `Screen.as_view()`. Everything is rendered on the server; the address is
the state. A list:

    class SupplierList(ListScreen):
        policy = may("inventory", "V")
        title = _("Suppliers")
        nav = "suppliers"                                   # NavEntry.key, marks the entry current
        columns = (
            Column("code", _("Code"), name=True, sort=True),
            Column("name", _("Name"), sub=lambda s: s.contact),
            Column("state", _("State"), "badge"),
            Column("owed", _("Owed"), "money", unit="CNY"),
        )
        filters = (
            Filter("q", _("Name"), "text"),
            Filter("state", _("State"), choices=State.choices),
        )
        tabs = (Tab("all", _("All")), Tab("due", _("To review"), count=selectors.due_count))
        order = "code"
        export_policy = may("inventory", "E")
        empty = _("No supplier yet. Enter the first one or import a file.")

        def select(self, *, actor, query):
            found = selectors.suppliers(actor=actor, state=query.get("state"), text=query.get("q"))
            return query.page(found, orders={"code": "code"})

        def row_href(self, row):
            return reverse("inventory:supplier", args=[row.pk])

A record answers `load` with a frozen `Record` of facts, lines, actions and related things; an
action is a link or a deed that calls a service, and one the actor may not take is shown with its
reason. A form lists groups of `Field`s read by the strict parser and answers `submit` with `Done`.
A `SheetScreen` is one item a screen on a phone, with key pad, trigger and an offline queue. Pages
with a layout of their own extend `desk/page.html` and use the parts under `templates/_parts`.
"""

from ops.engines.desk.approving import word_figures
from ops.engines.desk.base import Screen, why_lacking
from ops.engines.desk.bulk import BulkAction, BulkOutcome, Refused
from ops.engines.desk.cells import Column, Lines
from ops.engines.desk.charts import Chart, Series
from ops.engines.desk.decisions import DecisionKind, decision
from ops.engines.desk.declarations import (
    Card,
    CardCount,
    CardData,
    CardLine,
    Command,
    Hit,
    Look,
    NavEntry,
    Place,
    SearchKind,
    card,
    command,
    nav,
    search_kind,
)
from ops.engines.desk.fields import Field, Group, LineFields
from ops.engines.desk.filing import Files
from ops.engines.desk.filters import Filter, Kept, Span
from ops.engines.desk.forms import FormScreen
from ops.engines.desk.histories import word_actions
from ops.engines.desk.keyset import Count, ListPage, counts_of, page_of
from ops.engines.desk.lists import ListQuery, ListScreen, New, Tab
from ops.engines.desk.periodchip import checklist
from ops.engines.desk.records import (
    Action,
    Done,
    Fact,
    FactGroup,
    Record,
    RecordScreen,
    Related,
    StateStep,
    UnderWay,
)
from ops.engines.desk.sheets import (
    Extra,
    Scanned,
    Sheet,
    SheetEntry,
    SheetItem,
    SheetScreen,
)
from ops.engines.desk.states import Badge, Tone, register_states
from ops.engines.desk.trends import Trend

__all__ = [
    "Action",
    "Badge",
    "BulkAction",
    "BulkOutcome",
    "Card",
    "CardCount",
    "CardData",
    "CardLine",
    "Chart",
    "Column",
    "Command",
    "Count",
    "DecisionKind",
    "Done",
    "Extra",
    "Fact",
    "FactGroup",
    "Field",
    "Files",
    "Filter",
    "FormScreen",
    "Group",
    "Hit",
    "Kept",
    "LineFields",
    "Lines",
    "ListPage",
    "ListQuery",
    "ListScreen",
    "Look",
    "NavEntry",
    "New",
    "Place",
    "Record",
    "RecordScreen",
    "Refused",
    "Related",
    "Scanned",
    "Screen",
    "SearchKind",
    "Series",
    "Sheet",
    "SheetEntry",
    "SheetItem",
    "SheetScreen",
    "Span",
    "StateStep",
    "Tab",
    "Tone",
    "Trend",
    "UnderWay",
    "card",
    "checklist",
    "command",
    "counts_of",
    "decision",
    "nav",
    "page_of",
    "register_states",
    "search_kind",
    "why_lacking",
    "word_actions",
    "word_figures",
]
