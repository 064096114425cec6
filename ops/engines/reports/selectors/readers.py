"""Who a report is for: by position, by subscription; who of them confirmed; who signed."""

from __future__ import annotations

import datetime as dt

from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor
from ops.engines.reports.choices import SignatureKind
from ops.engines.reports.declarations import Declared, report_named
from ops.engines.reports.models import (
    ReportConfirmation,
    ReportEdition,
    ReportSignature,
    ReportSubscription,
)
from ops.engines.reports.types import Reader, Signature


def audience_ids(declared: Declared, *, at: dt.datetime) -> set[int]:
    """Return the persons a report is addressed to and who may see it, by their position now."""
    found = {
        person.person_id
        for role in declared.audience
        for person in identity.holders(role=role, at=at)
    }
    return _allowed(declared, found, at)


def reader_ids(declared: Declared, *, at: dt.datetime) -> set[int]:
    """Return who is told when the schedule made a report: audience and subscribers, less who left.

    A subscriber who may no longer see it is not told.
    """
    wishes = dict(
        ReportSubscription.objects.filter(name=declared.name).values_list("person_id", "wants")
    )
    wanting = {person for person, wants in wishes.items() if wants}
    leaving = set(wishes) - wanting
    return (audience_ids(declared, at=at) | _allowed(declared, wanting, at)) - leaving


def readers(*, edition_id: int, at: dt.datetime) -> list[Reader]:
    """Return everybody a version is addressed to and when each confirmed it, the missing first.

    Who confirmed and holds the position no longer is listed too: what was said stays said.
    """
    edition = ReportEdition.objects.get(pk=edition_id)
    rows = ReportConfirmation.objects.filter(edition=edition)
    said = dict(rows.values_list("person_id", "confirmed_at"))
    wanted = audience_ids(report_named(edition.name), at=at) | set(said)
    names = identity.person_names(wanted)
    found = [Reader(person, names.get(person, ""), said.get(person)) for person in wanted]
    return sorted(found, key=lambda one: (one.at is not None, one.name))


def signatures(*, edition_id: int) -> list[Signature]:
    """Return who signed a version, in the order of signing."""
    rows = ReportSignature.objects.filter(edition_id=edition_id).order_by("pk")
    return [
        Signature(*row)
        for row in rows.values_list("kind", "person_id", "person__name", "signed_at")
    ]


def subscribed(*, actor: Actor) -> dict[str, bool]:
    """Return what the actor chose for reports: wanted or not; a report not named follows roles."""
    rows = ReportSubscription.objects.filter(person_id=actor.person_id or 0)
    return dict(rows.values_list("name", "wants"))


def signs_as(declared: Declared, actor: Actor) -> list[str]:
    """Return what a person may sign a report as, by position."""
    kinds = (
        (SignatureKind.PREPARED, declared.authors),
        (SignatureKind.APPROVED, declared.approvers),
        (SignatureKind.RELEASED, declared.approvers),
    )
    return [str(kind) for kind, roles in kinds if roles and actor.holds(*roles)]


def _allowed(declared: Declared, persons: set[int], at: dt.datetime) -> set[int]:
    policy = declared.policy
    if policy.roles:
        persons = persons & {
            person.person_id
            for role in policy.roles
            for person in identity.holders(role=role, at=at)
        }
    if not policy.area or not persons:
        return persons
    return identity.reaching(person_ids=persons, area=policy.area, right=policy.right, at=at)
