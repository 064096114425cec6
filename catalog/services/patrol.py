"""The price patrol: offers as shown against what was approved, rivals against limits (CAT-4.2-03).

Each hit is one open case however often it is seen again; a severe one takes the offer off sale at
once. Everything is set-based: a channel of a hundred thousand offers takes a few statements.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import asdict
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from catalog import ports
from catalog.choices.patrol import CaseState, Severity, ViolationKind
from catalog.errors import prices as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.events import PricesPatrolled
from catalog.models import Channel, OfferSuspension, PricePatrol, PriceViolation, Sku
from catalog.selectors.price_sql import cost_values, policy_values
from catalog.services import patrol_sql as sql
from catalog.types.patrol import OutlierReport, PatrolReport
from ops.engines.audit import services as audit
from ops.engines.clocks import services as clocks
from ops.engines.clocks.types import Subject
from ops.engines.events.publishing import publish
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.policy import may
from ops.engines.numbering import services as numbering

SUBJECT: Final = "catalog.priceviolation"
HANDLING: Final = "price_violation"
HANDLE: Final = may("catalog", "A")
SEVERITIES: Final[Mapping[str, Severity]] = MappingProxyType(
    {
        ViolationKind.NO_PRICE: Severity.SEVERE,
        ViolationKind.BELOW_FLOOR: Severity.SEVERE,
        ViolationKind.NO_PROOF: Severity.SEVERE,
        ViolationKind.STILL_SHOWN: Severity.SEVERE,
        ViolationKind.WINDOW_OVER: Severity.MEDIUM,
        ViolationKind.WRONG_PRICE: Severity.MEDIUM,
        ViolationKind.FLOOR_ROSE: Severity.LIGHT,
    }
)


class _Finding(NamedTuple):
    """One offer that is not what was approved."""

    sku_id: int
    kind: str
    shown: Decimal | None
    meant: Decimal | None
    owner: int | None


def patrol(
    *, actor: Actor, at: dt.datetime, channel_ids: Collection[int] | None = None
) -> PatrolReport:
    """Compare what channels show with what was approved; suspend what is severe.

    `channel_ids` narrows the patrol (None: every active channel). Offers not seen for three days
    are not judged. Repeating it opens nothing twice.
    """
    channels = Channel.objects.filter(is_active=True).order_by("pk")
    if channel_ids is not None:
        channels = channels.filter(pk__in=channel_ids)
    totals = dict.fromkeys(("offers", "opened", "again", "severe", "suspended"), 0)
    for channel_id in channels.values_list("pk", flat=True):
        for name, number in asdict(_patrol(channel_id, actor=actor, at=at)).items():
            totals[name] += number
    return PatrolReport(**totals)


def check_rivals(*, actor: Actor, at: dt.datetime) -> OutlierReport:
    """Compare own prices with rivals and cost; each outlier is one open suggestion (CAT-4.2-06)."""
    opened = again = 0
    costs = _costs(at)
    for channel_id in Channel.objects.filter(is_active=True).values_list("pk", flat=True):
        values = {**policy_values(at=at), **costs, "channel": channel_id, "at": at}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.OUTLIERS, values)
            new, known = cursor.fetchone()
        opened, again = opened + new, again + known
    with transaction.atomic():
        audit.record(
            actor=actor,
            at=at,
            action="catalog.rivals_checked",
            body={"opened": opened, "again": again},
        )
    return OutlierReport(opened=opened, again=again)


def handle(
    *, case_id: int, handling: str, lift: bool, actor: Actor, at: dt.datetime
) -> PriceViolation:
    """Close a case with what was done; `lift` puts the offer back on sale at its approved price.

    Raises Forbidden, CaseMissing, CaseClosed, ReasonNeeded, SamePerson.
    """
    HANDLE.require(actor)
    if not handling.strip():
        raise ReasonNeeded
    with transaction.atomic():
        case = _locked_case(case_id, actor)
        case.state = CaseState.HANDLED
        case.handling = parse.text(handling.strip(), most=400)
        case.handled_by, case.handled_at = actor.person_id or 0, at
        case.save(update_fields=["state", "handling", "handled_by", "handled_at"])
        lifted = 0
        if lift:
            lifted = _lift(case.channel_id, case.sku_id, case.handling[:200], actor=actor, at=at)
        clocks.meet(kind=HANDLING, subjects=[(SUBJECT, case.pk)], actor=actor, at=at)
        audit.record(
            actor=actor,
            at=at,
            action="catalog.price_violation_handled",
            obj=(SUBJECT, case.pk),
            body={"number": case.number, "handling": case.handling, "lifted": lifted},
        )
        return case


def suspend_offer(
    *, sku_id: int, channel_id: int, reason: str, actor: Actor, at: dt.datetime
) -> int:
    """Take one offer off sale at once, whatever price it has; return the suspension's id.

    Raises Forbidden, ThingMissing, ReasonNeeded, OfferSuspended.
    """
    HANDLE.require(actor)
    if not reason.strip():
        raise ReasonNeeded
    allowed = actor.scope_ids("channel", "catalog", "A")
    with transaction.atomic():
        if not Channel.objects.filter(pk=channel_id).exists() or (
            allowed is not None and channel_id not in allowed
        ):
            raise ThingMissing("channel", channel_id)
        # The SKU is the lock: two people who press at once make one suspension.
        skus = Sku.objects.select_for_update(of=("self",), no_key=True)
        if skus.filter(pk=sku_id).first() is None:
            raise ThingMissing("sku", sku_id)
        if _open(channel_id, sku_id).exists():
            raise errors.OfferSuspended
        made = OfferSuspension.objects.create(
            channel_id=channel_id,
            sku_id=sku_id,
            reason=parse.text(reason.strip(), most=200),
            since=at,
            set_by=actor.person_id,
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.offer_suspended",
            obj=_offer(channel_id, sku_id),
            body={"channel": channel_id, "sku": sku_id, "reason": made.reason},
        )
        return made.pk


def _offer(channel_id: int, sku_id: int) -> tuple[str, str]:
    """Name an offer: the timeline of the SKU itself is read in every channel."""
    return "catalog.offer", f"{channel_id}-{sku_id}"


def lift_offer(*, sku_id: int, channel_id: int, reason: str, actor: Actor, at: dt.datetime) -> None:
    """Put an offer back on sale at its approved price; another person than who took it off.

    Raises Forbidden, CaseMissing when it is not off sale, ReasonNeeded, SamePerson.
    """
    HANDLE.require(actor)
    if not reason.strip():
        raise ReasonNeeded
    allowed = actor.scope_ids("channel", "catalog", "A")
    if allowed is not None and channel_id not in allowed:
        raise ThingMissing("channel", channel_id)
    with transaction.atomic():
        words = parse.text(reason.strip(), most=200)
        if not _lift(channel_id, sku_id, words, actor=actor, at=at):
            raise errors.CaseMissing(sku_id)
        audit.record(
            actor=actor,
            at=at,
            action="catalog.offer_lifted",
            obj=_offer(channel_id, sku_id),
            body={"channel": channel_id, "sku": sku_id, "reason": words},
        )


def _patrol(channel_id: int, *, actor: Actor, at: dt.datetime) -> PatrolReport:
    promised = ports.promised_prices(channel_id=channel_id, at=at)
    values: dict[str, Any] = {
        **policy_values(at=at),
        **_costs(at, channel_id=channel_id),
        "promised": array(promised),
        "promises": array(promised.values()),
        "channel": channel_id,
        "at": at,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # Two patrols of one channel follow each other: the second sees the cases of the first.
        cursor.execute(
            "SELECT 1 FROM catalog_channel WHERE id = %s FOR NO KEY UPDATE", [channel_id]
        )
        cursor.execute(sql.COUNT, values)
        offers = int(cursor.fetchone()[0])
        cursor.execute(sql.FINDINGS, values)
        findings = [_Finding(*row) for row in cursor.fetchall()]
        cursor.execute(sql.SEEN_AGAIN, {**_columns(findings), "channel": channel_id, "at": at})
        again = set(cursor.fetchall())
        fresh = [found for found in findings if (found.sku_id, found.kind) not in again]
        _open_cases(fresh, channel_id, actor=actor, at=at)
        suspended = _suspend(channel_id, actor=actor, at=at)
        severe = sum(SEVERITIES[found.kind] == Severity.SEVERE for found in findings)
        report = PatrolReport(
            offers=offers,
            opened=len(fresh),
            again=len(again),
            severe=severe,
            suspended=suspended,
        )
        PricePatrol.objects.create(channel_id=channel_id, patrolled_at=at, **asdict(report))
        audit.record(
            actor=actor,
            at=at,
            action="catalog.prices_patrolled",
            obj=("catalog.channel", channel_id),
            body=asdict(report),
        )
        if fresh:
            publish(
                PricesPatrolled(
                    channel_id=channel_id, patrolled_at=at.isoformat(), opened=len(fresh)
                )
            )
        return report


def _open_cases(fresh: list[_Finding], channel_id: int, *, actor: Actor, at: dt.datetime) -> None:
    if not fresh:
        return
    numbers = numbering.take("PV", at=at, count=len(fresh))
    with connection.cursor() as cursor:
        cursor.execute(
            sql.OPEN,
            {
                **_columns(fresh),
                "numbers": numbers,
                "severities": [SEVERITIES[found.kind].value for found in fresh],
                "owners": array(found.owner for found in fresh),
                "channel": channel_id,
                "at": at,
            },
        )
        made = cursor.fetchall()
    _tell_timelines(made, dict(zip(numbers, fresh, strict=True)), actor=actor, at=at)
    clocks.start(
        kind=HANDLING,
        subjects=[
            Subject(
                type=SUBJECT,
                id=pk,
                label=number,
                link=f"/price-violations/{pk}/",
                scope=("channel", channel_id),
            )
            for pk, number in made
        ],
        actor=actor,
        at=at,
    )


def _tell_timelines(
    made: Collection[tuple[int, str]],
    found: Mapping[str, _Finding],
    *,
    actor: Actor,
    at: dt.datetime,
) -> None:
    """Begin the timeline of each new case (by its number): what was found, as it was found."""
    bodies: dict[int, Mapping[str, Any]] = {
        pk: {
            "number": number,
            "kind": found[number].kind,
            "severity": SEVERITIES[found[number].kind].value,
            "shown": found[number].shown,
            "meant": found[number].meant,
        }
        for pk, number in made
    }
    audit.record_each(
        actor=actor,
        at=at,
        action="catalog.price_violation_found",
        object_type=SUBJECT,
        bodies=bodies,
    )


def _suspend(channel_id: int, *, actor: Actor, at: dt.datetime) -> int:
    """Take the offers of severe cases off sale; each case's timeline tells it."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SUSPEND, {"channel": channel_id, "at": at})
        stopped = dict(cursor.fetchall())
    if stopped:
        audit.record_each(
            actor=actor,
            at=at,
            action="catalog.offer_suspended",
            object_type=SUBJECT,
            bodies={pk: {"channel": channel_id, "sku": sku} for pk, sku in stopped.items()},
        )
    return len(stopped)


def _columns(findings: Collection[_Finding]) -> dict[str, Any]:
    return {
        "skus": array(found.sku_id for found in findings),
        "kinds": array(found.kind for found in findings),
        "shown": array(found.shown for found in findings),
        "meant": array(found.meant for found in findings),
    }


def _costs(at: dt.datetime, *, channel_id: int | None = None) -> dict[str, str]:
    table, where, given = "catalog_pricerange", "", []
    if channel_id is not None:
        table, where, given = "catalog_shownoffer", "WHERE channel_id = %s", [channel_id]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT sku_id FROM {table} {where}", given)  # noqa: S608
        sku_ids = [row[0] for row in cursor.fetchall()]
    return cost_values(ports.unit_cost(sku_ids=sku_ids, at=at))


def _open(channel_id: int, sku_id: int) -> Any:
    return OfferSuspension.objects.filter(
        channel_id=channel_id, sku_id=sku_id, lifted_at__isnull=True
    )


def _lift(channel_id: int, sku_id: int, reason: str, *, actor: Actor, at: dt.datetime) -> int:
    rows = _open(channel_id, sku_id).select_for_update(of=("self",), no_key=True)
    found = rows.first()
    if found is None:
        return 0
    if found.set_by is not None and found.set_by == actor.person_id:
        raise errors.SamePerson
    found.lifted_at, found.lifted_by, found.lifted_why = at, actor.person_id or 0, reason
    found.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
    return 1


def _locked_case(case_id: int, actor: Actor) -> PriceViolation:
    rows = PriceViolation.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=case_id).first()
    allowed = actor.scope_ids("channel", "catalog", "A")
    if found is None or (allowed is not None and found.channel_id not in allowed):
        raise errors.CaseMissing(case_id)
    if found.state != CaseState.OPEN:
        raise errors.CaseClosed
    return found
