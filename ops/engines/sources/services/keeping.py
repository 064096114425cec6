"""Opening, changing and closing outside sources."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden, NotFound
from ops.engines.notices import services as notices
from ops.engines.sources import selectors
from ops.engines.sources.choices import Rhythm, Weekday
from ops.engines.sources.errors import SourceClosed, SourceMissing, SourceTaken, bad
from ops.engines.sources.feeds import Feed, feed_named
from ops.engines.sources.models import Source
from ops.engines.sources.policies import KEEP
from ops.engines.sources.types import SourceInfo, Terms
from ops.engines.tables.types import Scope

SUBJECT: Final = "sources.source"
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{1,39}", re.ASCII)


def open_source(
    *, code: str, profile: str, place: str = "", terms: Terms, actor: Actor, at: dt.datetime
) -> SourceInfo:
    """Open a source of a declared feed; from now on figures are owed.

    `place` names the object its figures are about as "kind:code" ("channel:tmall"), where the
    layout asks for one. Raises Forbidden, SourceTaken, BadInput by field.
    """
    KEEP.require(actor)
    if not _CODE.fullmatch(code):
        words = _("2 to 40 lower-case letters, digits, hyphens or underscores.")
        raise bad("code", "code", words)
    feed = feed_named(profile)
    options = _options(feed, place)
    scope = _scope(feed, options)
    if not feed.sees(actor, scope.kind if scope else "", scope.id if scope else None):
        raise Forbidden("sources.scope", _("You may not look after figures of that place."))
    read = _read(terms)
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = Source.objects.create(
                    code=code,
                    profile=profile,
                    options=options,
                    scope_kind=scope.kind if scope else "",
                    scope_id=scope.id if scope else None,
                    opened_by=actor.person_id,
                    opened_at=at,
                    **read,
                )
        except IntegrityError as error:
            raise SourceTaken(code) from error
        _record("opened", row, {"profile": profile, **options, **read}, actor=actor, at=at)
    return selectors.describe(row)


def change_terms(*, source_id: int, terms: Terms, actor: Actor, at: dt.datetime) -> SourceInfo:
    """Change when figures are owed, who answers for them, or on what terms they are used.

    Raises Forbidden, SourceMissing, SourceClosed, BadInput by field.
    """
    KEEP.require(actor)
    read = _read(terms)
    with transaction.atomic():
        row = _locked(source_id, actor)
        changed = {
            name: [getattr(row, name), value]
            for name, value in read.items()
            if getattr(row, name) != value
        }
        if changed:
            for name, (_old, new) in changed.items():
                setattr(row, name, new)
            row.save(update_fields=[*changed])
            _record("changed", row, changed, actor=actor, at=at)
    return selectors.describe(row)


def close_source(*, source_id: int, reason: str, actor: Actor, at: dt.datetime) -> SourceInfo:
    """Close a source for good: it takes no files and owes no figures; what came stays.

    Raises Forbidden, SourceMissing, SourceClosed, BadInput.
    """
    KEEP.require(actor)
    why = parse.text(reason, most=200, least=2).strip()
    with transaction.atomic():
        row = _locked(source_id, actor)
        row.closed_at = at
        row.save(update_fields=["closed_at"])
        notices.settle(subject=f"{SUBJECT}:{row.pk}", at=at)
        _record("closed", row, {"reason": why}, actor=actor, at=at)
    return selectors.describe(row)


def _locked(source_id: int, actor: Actor) -> Source:
    selectors.source(source_id=source_id, actor=actor)
    rows = Source.objects.select_for_update(of=("self",), no_key=True)
    row = rows.filter(pk=source_id).first()
    if row is None:
        raise SourceMissing(source_id)
    if row.closed_at is not None:
        raise SourceClosed
    return row


def _options(feed: Feed, place: str) -> dict[str, str]:
    kind, _colon, code = place.partition(":")
    if feed.entry.scope is None:
        return {}
    if not kind or not code:
        raise bad("place", "place_needed", _("Say where these figures belong."))
    return {kind: parse.code(code)}


def _scope(feed: Feed, options: dict[str, str]) -> Scope | None:
    try:
        return feed.entry.scope_of(options)
    except NotFound as error:
        raise bad("place", "place_unknown", _("Say where these figures belong.")) from error


def _read(terms: Terms) -> dict[str, Any]:
    if terms.rhythm not in Rhythm.values:
        raise bad("rhythm", "rhythm", _("Daily or weekly."))
    if terms.weekday not in Weekday.values:
        raise bad("weekday", "weekday", _("A weekday from 1 (Monday) to 7 (Sunday)."))
    if isinstance(terms.hour, bool) or not 0 <= terms.hour <= 23:
        raise bad("hour", "hour", _("An hour from 0 to 23."))
    if terms.owner not in {str(role) for role in Role}:
        raise bad("owner", "owner", _("There is no such position."))
    return {
        "title": parse.text(terms.title, most=80, least=1).strip(),
        "rhythm": terms.rhythm,
        "weekday": int(terms.weekday),
        "hour": terms.hour,
        "owner": terms.owner,
        "licence": parse.text(terms.licence, most=400).strip(),
    }


def _record(what: str, row: Source, body: dict[str, Any], *, actor: Actor, at: dt.datetime) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=f"sources.{what}",
        obj=(SUBJECT, row.pk),
        body={"code": row.code, **body},
    )
