"""The outbox: what was given up, trying it again, queues, and who listens to what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from ops.engines.desk.bulk import BulkAction, BulkOutcome, Refused
from ops.engines.desk.cells import Column, Lines
from ops.engines.desk.filters import Filter
from ops.engines.desk.keyset import ListPage
from ops.engines.desk.lists import ListQuery, ListScreen, Tab
from ops.engines.desk.records import Action, Done, Fact, FactGroup, Record, RecordScreen, Related
from ops.engines.events import handling, selectors, services
from ops.engines.events.models import Delivery, DeliveryState
from ops.engines.events.policies import READ, RETRY
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import canonical_json
from ops.engines.kernel.errors import NotFound
from ops.engines.kernel.ports import Checkpoint, ports

_LONGEST: Final = 120


def _retry(keys: Sequence[str], actor: Actor, at: dt.datetime) -> BulkOutcome:
    report = services.retry_many(delivery_ids=[int(key) for key in keys], actor=actor, at=at)
    reason = _("It is not parked any more.")
    return BulkOutcome(len(report.retried), [Refused(str(each), reason) for each in report.left])


def _count(state: str) -> Callable[[Actor, dt.datetime], int]:
    def counted(_actor: Actor, _at: dt.datetime) -> int:
        return selectors.deliveries().filter(state=state).order_by()[:10_000].count()

    return counted


def _handlers(_actor: Actor) -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(handling.handlers())]


class OutboxList(ListScreen):
    """`/system/outbox/`: deliveries that are not done; the parked ones wait for a person."""

    policy = READ
    title = gettext_lazy("Outbox")
    nav = "outbox"
    row_url = "desk:delivery"
    columns = (
        Column(
            "id",
            pgettext_lazy("outbox", "Delivery"),
            "code",
            value=lambda row: f"#{row.pk:06}",
            name=True,
            sort=True,
        ),
        Column("fact", pgettext_lazy("outbox", "Fact"), "code", value=lambda row: row.fact.name),
        Column("handler", gettext_lazy("Taken by"), "code"),
        Column("key", gettext_lazy("Ordering key"), "code"),
        Column("state", gettext_lazy("State"), "badge", value=lambda row: DeliveryState(row.state)),
        Column("attempts", gettext_lazy("Failed tries"), "number"),
        Column("at", gettext_lazy("Published"), "moment", value=lambda row: row.fact.at),
        Column("error", gettext_lazy("Error"), "code", value=lambda row: row.error[:_LONGEST]),
    )
    filters = (
        Filter("handler", gettext_lazy("Taken by"), choices=_handlers),
        Filter("key", gettext_lazy("Ordering key"), "text"),
    )
    tabs = (
        Tab("parked", gettext_lazy("Parked"), count=_count("parked")),
        Tab("pending", gettext_lazy("Waiting"), count=_count("pending")),
    )
    order = "id"
    empty = gettext_lazy("Everything is delivered.")
    bulk = (BulkAction(key="retry", label=gettext_lazy("Try again"), run=_retry, policy=RETRY),)

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the deliveries of the tab."""
        state = DeliveryState.PENDING if query.tab == "pending" else DeliveryState.PARKED
        found = selectors.deliveries().filter(state=state)
        for key in ("handler", "key"):
            if query.get(key):
                found = found.filter(**{key: query.get(key)})
        return query.page(found, orders={"id": "id"})

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to the queues and to who listens to what."""
        return [
            Action(key="queues", label=gettext_lazy("Queues"), href=reverse("desk:queues")),
            Action(
                key="reference",
                label=gettext_lazy("Facts and ports"),
                href=reverse("desk:reference"),
            ),
        ]


class DeliveryScreen(RecordScreen):
    """`/system/outbox/<id>/`: one delivery with its content and its error."""

    policy = READ
    nav = "outbox"
    list_url_name = "desk:outbox"
    list_title = gettext_lazy("Outbox")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the delivery; raises NotFound."""
        number = key["delivery_id"]
        try:
            found = selectors.delivery(delivery_id=number)
        except Delivery.DoesNotExist as error:
            raise NotFound("events.delivery_missing", _("There is no such delivery.")) from error

        def run(_values: Mapping[str, Any], who: Actor, when: dt.datetime) -> Done:
            services.retry(delivery_id=number, actor=who, at=when)
            return Done(message=_("Delivery %(number)s is tried again.") % {"number": number})

        parked = found.state == DeliveryState.PARKED
        return Record(
            number=f"#{number}",
            title=found.fact,
            state=DeliveryState(found.state),
            actions=[
                Action(
                    key="retry",
                    label=gettext_lazy("Try again"),
                    run=run,
                    policy=RETRY,
                    why_not="" if parked else gettext_lazy("It is not parked."),
                )
            ],
            facts=[
                FactGroup(
                    title=pgettext_lazy("outbox", "Delivery"),
                    facts=[
                        Fact(title=gettext_lazy("Taken by"), value=found.handler, kind="code"),
                        Fact(title=gettext_lazy("Ordering key"), value=found.key, kind="code"),
                        Fact(
                            title=gettext_lazy("Published"), value=found.published_at, kind="moment"
                        ),
                        Fact(title=gettext_lazy("Business day"), value=found.dated_on, kind="day"),
                        Fact(
                            title=gettext_lazy("Failed tries"), value=found.attempts, kind="number"
                        ),
                        Fact(title=gettext_lazy("Done at"), value=found.done_at, kind="moment"),
                    ],
                )
            ],
            lines=[
                Lines(
                    gettext_lazy("Error"),
                    (Column("error", gettext_lazy("What it said"), "code"),),
                    [found] if found.error else [],
                    empty=gettext_lazy("It has not failed."),
                ),
                Lines(
                    gettext_lazy("Content"),
                    (
                        Column("key", gettext_lazy("Name"), "code"),
                        Column("value", gettext_lazy("Value"), "code"),
                    ),
                    [
                        {"key": name, "value": canonical_json(value)}
                        for name, value in found.payload.items()
                    ],
                ),
            ],
            subject=("events.delivery", number),
        )


class QueueScreen(RecordScreen):
    """`/system/queues/`: how much waits, by who takes it and by ordering key."""

    policy = READ
    nav = "outbox"
    list_url_name = "desk:outbox"
    list_title = gettext_lazy("Outbox")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the numbers of the outbox."""
        health = selectors.health(at=at)
        waits = ngettext("%(count)s second", "%(count)s seconds", health.oldest_seconds)
        return Record(
            number=str(_("Queues")),
            facts=[
                FactGroup(
                    title=gettext_lazy("Health"),
                    facts=[
                        Fact(title=gettext_lazy("Waiting"), value=health.pending, kind="number"),
                        Fact(title=gettext_lazy("Parked"), value=health.parked, kind="number"),
                        Fact(
                            title=gettext_lazy("Longest queue of one key"),
                            value=health.deepest,
                            kind="number",
                        ),
                        Fact(
                            title=gettext_lazy("Oldest waits for"),
                            value=waits % {"count": health.oldest_seconds},
                        ),
                    ],
                )
            ],
            lines=[
                Lines(
                    gettext_lazy("By handler"),
                    (
                        Column("handler", gettext_lazy("Taken by"), "code"),
                        Column("pending", gettext_lazy("Waiting"), "number"),
                        Column("parked", gettext_lazy("Parked"), "number"),
                        Column("oldest_at", gettext_lazy("Oldest"), "moment"),
                    ),
                    selectors.queue_depths(),
                    empty=gettext_lazy("Everything is delivered."),
                ),
                Lines(
                    gettext_lazy("By ordering key"),
                    (
                        Column("key", gettext_lazy("Ordering key"), "code"),
                        Column("handler", gettext_lazy("Taken by"), "code"),
                        Column("waiting", gettext_lazy("Waiting"), "number"),
                        Column("oldest_at", gettext_lazy("Oldest"), "moment"),
                        Column("is_held", gettext_lazy("Held by a parked fact"), "flag"),
                    ),
                    selectors.key_depths(),
                    empty=gettext_lazy("Everything is delivered."),
                ),
            ],
            related=[Related(title=gettext_lazy("Outbox"), href=reverse("desk:outbox"))],
        )


class ReferenceScreen(RecordScreen):
    """`/system/reference/`: who takes which facts, and who fills which port."""

    policy = READ
    nav = "outbox"
    list_url_name = "desk:outbox"
    list_title = gettext_lazy("Outbox")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return what is declared in this process."""
        listening = [
            {"fact": handler.kind.name, "handler": name, "about": _about(handler.kind)}
            for name, handler in handling.handlers().items()
        ]
        return Record(
            number=str(_("Facts and ports")),
            lines=[
                Lines(
                    gettext_lazy("Facts and who takes them"),
                    (
                        Column("fact", pgettext_lazy("outbox", "Fact"), "code"),
                        Column("handler", gettext_lazy("Taken by"), "code"),
                        Column("about", gettext_lazy("Meaning"), "code"),
                    ),
                    sorted(listening, key=lambda row: (row["fact"], row["handler"])),
                ),
                Lines(
                    gettext_lazy("Ports"),
                    (
                        Column("name", gettext_lazy("Port"), "code"),
                        Column("kind", gettext_lazy("Kind"), value=_kind_of),
                        Column("fillers", gettext_lazy("Filled by"), "code", value=_fillers_of),
                        Column("doc", gettext_lazy("Meaning"), "code"),
                    ),
                    [port for _name, port in sorted(ports().items())],
                ),
            ],
            related=[Related(title=gettext_lazy("Queues"), href=reverse("desk:queues"))],
        )


def _about(kind: type) -> str:
    return (kind.__doc__ or "").strip().partition("\n")[0]


def _kind_of(port: Any) -> str:
    return _("may veto") if isinstance(port, Checkpoint) else _("gives an answer")


def _fillers_of(port: Any) -> str:
    return ", ".join(port.filled_by) or _("nobody")
