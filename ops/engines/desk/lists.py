"""ListScreen: a list declared by its columns, filters, tabs and one selector.

The address is the state: tab, filters, order, columns, density, page size and cursor. Nothing is
remembered behind it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ops.engines.desk import exports, savedviews
from ops.engines.desk.base import Screen
from ops.engines.desk.bulk import BulkAction, Press
from ops.engines.desk.cells import Column, Row
from ops.engines.desk.filters import Filter, Span
from ops.engines.desk.keyset import PAGE_SIZES, ListPage, page_of
from ops.engines.desk.records import Action
from ops.engines.desk.scopes import Scope, chosen
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import carry
from ops.engines.kernel.errors import BadInput, OpsError
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import Policy, declare

Text = str | Promise
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: a named narrowing. `count` costs one indexed query, asked after first paint."""

    key: str
    title: Text
    count: Callable[[Actor, dt.datetime], int | None] | None = None


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the address asks for, read and checked.

    `filters` holds only filters that are set: choice and text as str, day as date, span as `Span`,
    keys as a tuple. `order` is a column key, with a leading minus for descending. `scope` narrows
    further, by the kinds in `ListScreen.scope_kinds`; it never widens the actor's own scope.
    """

    tab: str
    filters: Mapping[str, Any]
    order: str
    after: str
    before: str
    limit: int
    at: dt.datetime
    today: dt.date
    scope: Scope = field(default_factory=dict)
    is_counted: bool = True

    def page(
        self,
        found: QuerySet[Any],
        *,
        orders: Mapping[str, str],
        row: Callable[[Any], Any] | None = None,
    ) -> ListPage:
        """Return the page this query asks for of a query set; `orders` maps keys to columns."""
        return page_of(
            found,
            orders=orders,
            order=self.order,
            after=self.after,
            before=self.before,
            limit=self.limit,
            row=row,
            counted=self.is_counted,
        )

    def get(self, key: str) -> Any:
        """Return one filter's value, None when it is not set."""
        return self.filters.get(key)

    def narrow(self, found: QuerySet[M], *same: str, **lookups: str) -> QuerySet[M]:
        """Return the rows the set filters leave; `lookups` name the columns that are not `same`."""
        for key, lookup in ({key: key for key in same} | lookups).items():
            if value := self.get(key):
                found = found.filter(**{lookup: value})
        return found


@dataclass(frozen=True, slots=True)
class New:
    """How a list's things are made: the words at its head, the form, and who may."""

    label: Text
    url_name: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class _Shown:
    """A filter as it stands in the form."""

    filter: Filter
    text: str
    options: Sequence[tuple[str, Text]]
    means: Span | None = None
    error: str = ""


@dataclass(slots=True)
class _State:
    query: ListQuery
    shown: list[_Shown] = field(default_factory=list)

    @property
    def is_filtered(self) -> bool:
        return bool(self.query.filters)


class ListScreen(Screen, abstract=True):
    """A list. Subclass it, set the attributes, write `select`, mount `as_view()`.

    `row_url` names the page a row opens by its key (what Enter opens), `new` the form that makes
    one. Override `select` (required), `row_key`, `row_href`, and where wanted `head_actions` and
    `all_keys` (enables "all that match" for bulk actions, at most `bulk_limit`).
    `key_pattern` is what a row's key looks like where it is no id.
    """

    template_name = "desk/list.html"

    columns: ClassVar[Sequence[Column]] = ()
    filters: ClassVar[Sequence[Filter]] = ()
    tabs: ClassVar[Sequence[Tab]] = ()
    order: ClassVar[str] = ""
    bulk: ClassVar[Sequence[BulkAction]] = ()
    bulk_limit: ClassVar[int] = 5000
    key_pattern: ClassVar[str] = "[1-9][0-9]{0,17}"
    export_policy: ClassVar[Policy | None] = None
    scope_kinds: ClassVar[Sequence[str]] = ()
    row_url: ClassVar[str] = ""
    new: ClassVar[New | None] = None
    lead: ClassVar[Text] = ""
    empty: ClassVar[Text] = ""
    empty_href: ClassVar[str] = ""
    empty_label: ClassVar[Text] = ""

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(abstract=abstract, **kwargs)
        name = f"{cls.__module__}.{cls.__qualname__}"
        if cls.export_policy is not None:
            declare("export", name, cls.export_policy)
            carry("export", name, [column.held for column in cls.columns])
        for each in cls.bulk:
            declare("action", f"{name}.{each.key}", each.policy or cls.policies.get("post"))

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of what this actor may see; see `keyset.page_of`."""
        raise NotImplementedError

    def all_keys(self, *, actor: Actor, query: ListQuery) -> Sequence[str] | None:
        """Return the keys of all rows that match, None when the list does not offer that."""
        return None

    def row_key(self, row: Any) -> str:
        """Return what identifies a row in forms."""
        return str(row["id"] if isinstance(row, Mapping) else row.id)

    def row_href(self, row: Any) -> str:
        """Return the address a row opens, empty when it opens nothing."""
        return reverse(self.row_url, args=[self.row_key(row)]) if self.row_url else ""

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Return the actions at the head: `records.Action` with an address."""
        if self.new is None:
            return ()
        href = reverse(self.new.url_name)
        return [
            Action(
                key="new",
                label=self.new.label,
                href=href,
                policy=self.new.policy,
                is_primary=True,
            )
        ]

    # --- Request handling -------------------------------------------------------------------

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the list, its tab counts, or its export."""
        state = self._read(request)
        if request.GET.get("part") == "tabs":
            return render(request, "desk/_tabs.html", {"tabs": self._tabs(request, counted=True)})
        if request.GET.get("export"):
            return self._export(request, state)
        return self._show(request, state)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep or drop a view, or preview or run a bulk action on the selected rows."""
        if request.POST.get("view_step"):
            return self._keep_view(request)
        state = self._read(request)
        action = next((a for a in self.bulk if a.key == request.POST.get("action")), None)
        if action is None:
            raise BadInput("list.action", _("This list has no such action."))
        if action.policy is not None:
            action.policy.require(self.actor)
        keys = self._picked(request, state)
        back = f"{request.path}?{request.GET.urlencode()}"
        if not keys:
            self.say(request, "warning", _("Nothing is selected."))
            return HttpResponseRedirect(back)
        return Press(self, request, action, keys, back).answer()

    def _keep_view(self, request: HttpRequest) -> HttpResponse:
        kept = request.GET.copy()
        for key in savedviews.PASSING:
            kept.pop(key, None)
        if request.POST["view_step"] == "drop":
            savedviews.drop(view_id=request.POST.get("view", ""), actor=self.actor)
            return HttpResponseRedirect(f"{request.path}?{kept.urlencode()}")
        try:
            view = savedviews.save(
                screen=request.path,
                name=request.POST.get("name", ""),
                query=request.GET,
                actor=self.actor,
            )
        except OpsError as refusal:
            self.say(request, "error", str(refusal))
        else:
            kept["view"] = str(view)
            self.say(request, "success", _("The view is kept."))
        return HttpResponseRedirect(f"{request.path}?{kept.urlencode()}")

    def _show(self, request: HttpRequest, state: _State) -> HttpResponse:
        page = self.select(actor=self.actor, query=state.query)
        columns = self._chosen(request)
        heads = [(column, str(column.title)) for column in columns]
        picked = frozenset(request.GET.getlist("sel"))
        context = {
            "screen": self,
            "title": self.title,
            "state": state,
            "columns": columns,
            "choosable": self._choosable(columns),
            "rows": [self._row(row, heads, picked) for row in page.rows],
            "page": page,
            "tabs": self._tabs(request),
            "views": savedviews.views(screen=request.path, query=request.GET, actor=self.actor),
            "bulk": self._bulk(),
            "has_all": bool(self.bulk) and type(self).all_keys is not ListScreen.all_keys,
            "may_export": self.export_policy is not None and self.export_policy.allows(self.actor),
            "sizes": PAGE_SIZES,
            "density": "32" if request.GET.get("d") == "32" else "40",
            "head_actions": self.head_actions(actor=self.actor),
        }
        part = request.headers.get("HX-Target", "").endswith("#list")
        response = render(request, "desk/_list.html" if part else self.template_name, context)
        response["Vary"] = "HX-Request, HX-Target, Cookie, Accept-Language"
        return response

    def _row(self, row: Any, heads: Sequence[tuple[Column, str]], picked: frozenset[str]) -> Row:
        key = self.row_key(row)
        return Row(
            key=key,
            cells=tuple(column.cell(row, at=self.at, label=title) for column, title in heads),
            href=self.row_href(row),
            is_picked=key in picked,
        )

    def _read(self, request: HttpRequest) -> _State:
        today = business_day(self.at)
        values: dict[str, Any] = {}
        shown: list[_Shown] = []
        for each in self.filters:
            text, error, value = request.GET.get(each.key, ""), "", None
            try:
                value = each.read(text, actor=self.actor, today=today)
            except BadInput as refusal:
                error = str(refusal)
            if value is not None:
                values[each.key] = value
            means = value if isinstance(value, Span) else None
            shown.append(_Shown(each, text, each.options(self.actor), means, error))
        size = request.GET.get("n", "50")
        query = ListQuery(
            tab=self._tab(request),
            filters=values,
            order=self._order(request),
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
            limit=int(size) if size in {str(n) for n in PAGE_SIZES} else 50,
            at=self.at,
            today=today,
            scope=chosen(request.GET, actor=self.actor, kinds=self.scope_kinds),
        )
        return _State(query, shown)

    def _tab(self, request: HttpRequest) -> str:
        keys = [tab.key for tab in self.tabs]
        wanted = request.GET.get("tab", "")
        return wanted if wanted in keys else (keys[0] if keys else "")

    def _order(self, request: HttpRequest) -> str:
        wanted = request.GET.get("o", "")
        allowed = {column.key for column in self._mine() if column.sort}
        return wanted if wanted.removeprefix("-") in allowed else self.order

    def _mine(self) -> list[Column]:
        """Return the columns the actor may read: shown, exported and ordered by."""
        return [column for column in self.columns if column.is_for(self.actor)]

    def _chosen(self, request: HttpRequest) -> list[Column]:
        mine = self._mine()
        by_key = {column.key: column for column in mine}
        keys = [key for key in request.GET.getlist("c") if key in by_key]
        if not keys:
            return [column for column in mine if not column.optional]
        names = [column.key for column in mine if column.name and column.key not in keys]
        return [by_key[key] for key in dict.fromkeys([*names, *keys])]

    def _choosable(self, chosen: Sequence[Column]) -> list[tuple[Column, bool]]:
        left = [column for column in self._mine() if column not in chosen]
        return [*((column, True) for column in chosen), *((column, False) for column in left)]

    def _tabs(self, request: HttpRequest, *, counted: bool = False) -> list[dict[str, Any]]:
        current = self._tab(request)
        tabs = []
        for tab in self.tabs:
            # A tab replaces the filters and keeps the look; it never adds to what was set.
            query = QueryDict(mutable=True)
            query["tab"] = tab.key
            for key in ("d", "n", "c"):
                if request.GET.getlist(key):
                    query.setlist(key, request.GET.getlist(key))
            tabs.append(
                {
                    "title": tab.title,
                    "href": f"{request.path}?{query.urlencode()}",
                    "is_current": tab.key == current,
                    "has_count": tab.count is not None,
                    "count": tab.count(self.actor, self.at) if counted and tab.count else None,
                }
            )
        return tabs

    def _bulk(self) -> list[tuple[BulkAction, str]]:
        found = []
        for action in self.bulk:
            allowed = action.policy is None or action.policy.allows(self.actor)
            found.append((action, "" if allowed else self.lacking(action.policy)))
        return found

    def _picked(self, request: HttpRequest, state: _State) -> list[str]:
        if request.POST.get("which") == "all":
            keys = self.all_keys(actor=self.actor, query=state.query) or []
            if len(keys) > self.bulk_limit:
                raise BadInput(
                    "list.bulk_limit",
                    _("At most %(limit)s rows at once; %(count)s match. Narrow the filters.")
                    % {"limit": self.bulk_limit, "count": len(keys)},
                )
            return list(keys)
        keys = list(dict.fromkeys(request.POST.getlist("sel")))
        if not all(re.fullmatch(self.key_pattern, key) for key in keys):
            raise BadInput("list.key", _("The list has no such row."), field="sel")
        return keys

    def _export(self, request: HttpRequest, state: _State) -> HttpResponse:
        if self.export_policy is None:
            raise BadInput("list.export", _("This list has no export."))
        self.export_policy.require(self.actor)
        return exports.respond(
            self,
            request=request,
            query=state.query,
            columns=self._chosen(request),
            shown=[(each.filter.title, each.text) for each in state.shown if each.text],
        )


__all__ = [
    "Column",
    "Filter",
    "ListPage",
    "ListQuery",
    "ListScreen",
    "New",
    "Span",
    "Tab",
]
