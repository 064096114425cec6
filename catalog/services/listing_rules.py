"""What listings are judged by: rules of categories, listed words, forbidden goods, reviews."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from django.db import models, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from catalog.choices.listings import BanKind, ReviewResult, TermKind
from catalog.errors import listings as errors
from catalog.errors.coding import RuleNotNewer
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.models import (
    Category,
    ForbiddenGoods,
    ListedWord,
    ListingPicture,
    ListingRule,
    Product,
    QualityReview,
)
from catalog.rules.listing.completeness import ListingRule as Rule
from catalog.rules.listing.reading import as_content, read_rule
from catalog.rules.listing.wording import plain
from ops.engines.audit import services as audit
from ops.engines.files import services as files
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput

PAPERS: Final = "catalog.product"
WORD: Final = "catalog.listedword"
BAN: Final = "catalog.forbiddengoods"


def set_rule(
    *, category_id: int, rule: Rule, starts_on: date, reason: str, actor: Actor, at: datetime
) -> int:
    """Decide what a category wants of its listings from a day on (CAT-4.3-01, CAT-4.3-03).

    What stands below it follows, unless a nearer category has its own. Returns the version. Raises
    ThingMissing, ReasonNeeded, RuleNotNewer, BadInput.
    """
    why = _reason(reason)
    read = read_rule(rule)
    with transaction.atomic():
        mine = actor.scope_ids("category", "catalog", "C")
        rows = Category.objects.select_for_update(of=("self",), no_key=True)
        if not rows.filter(pk=category_id).exists() or (
            mine is not None and category_id not in mine
        ):
            raise ThingMissing("category", category_id)
        former = ListingRule.objects.filter(category_id=category_id).aggregate(
            version=Max("version"), day=Max("starts_on")
        )
        if starts_on < max(parse.business_day(at), former["day"] or date.min):
            raise RuleNotNewer
        made = ListingRule.objects.create(
            category_id=category_id,
            version=(former["version"] or 0) + 1,
            starts_on=starts_on,
            content=as_content(read),
            reason=why,
            decided_by=actor.person_id,
            decided_at=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.listing_rule_set",
            obj=("catalog.category", category_id),
            body={"version": made.version, "starts_on": starts_on.isoformat(), "reason": why},
        )
        return made.version


def list_word(*, text: str, kind: str, since: date, reason: str, actor: Actor, at: datetime) -> int:
    """Put a word on the list of banned or superlative ones (CAT-4.3-02).

    Raises ReasonNeeded, EntryTwice, BadInput (also for a text without a letter or digit).
    """
    why = _reason(reason)
    read = parse.text(text, most=60, least=1).strip()
    if kind not in TermKind.values:
        raise BadInput("catalog.word_kind", _("There is no such kind of word."), field="kind")
    _require_letters(read)
    with transaction.atomic():
        _refuse_twice(ListedWord.objects.filter(text=read), read)
        made = ListedWord.objects.create(
            text=read,
            kind=kind,
            since=since,
            reason=why,
            added_by=actor.person_id,
            added_at=at,
        )
        _record(
            "catalog.word_listed",
            (WORD, made.pk),
            {"text": read, "kind": kind, "reason": why},
            actor=actor,
            at=at,
        )
        return made.pk


def forbid(
    *,
    kind: str,
    value: str,
    is_hard: bool,
    since: date,
    reason: str,
    note: str = "",
    actor: Actor,
    at: datetime,
) -> int:
    """Enter goods that may not be sold: a word, a category's code or a brand (CAT-4.3-05).

    A picture is forbidden by `forbid_picture`. Raises ReasonNeeded, EntryTwice, ThingMissing (no
    such category), BadInput.
    """
    why = _reason(reason)
    read = parse.text(value, most=80, least=1).strip()
    if kind not in (BanKind.TERM, BanKind.CATEGORY, BanKind.BRAND):
        raise BadInput("catalog.ban_kind", _("There is no such kind of entry."), field="kind")
    if kind == BanKind.CATEGORY and not Category.objects.filter(code=read).exists():
        raise ThingMissing("category", read)
    _require_letters(read)
    return _forbid(
        {
            "kind": kind,
            "value": read,
            "is_hard": is_hard,
            "since": since,
            "note": parse.text(note, most=120).strip(),
        },
        why,
        actor=actor,
        at=at,
    )


def forbid_picture(
    *, picture_id: int, is_hard: bool, note: str, reason: str, actor: Actor, at: datetime
) -> int:
    """Forbid whatever looks like a picture that was uploaded, from today on (CAT-4.3-05).

    Raises ReasonNeeded, EntryTwice, ThingMissing, BadInput.
    """
    why = _reason(reason)
    picture = ListingPicture.objects.filter(pk=picture_id).first()
    if picture is None:
        raise ThingMissing("picture", picture_id)
    return _forbid(
        {
            "kind": BanKind.PICTURE,
            "value": picture.dhash,
            "is_hard": is_hard,
            "since": parse.business_day(at),
            "note": parse.text(note, most=120, least=1).strip(),
        },
        why,
        actor=actor,
        at=at,
    )


def end_word(*, word_id: int, until: date, actor: Actor, at: datetime) -> None:
    """Take a word off the list before a day; what it found before stays. Raises EntryMissing."""
    _end(ListedWord, word_id, until, "catalog.word_ended", actor=actor, at=at)


def end_ban(*, ban_id: int, until: date, actor: Actor, at: datetime) -> None:
    """Let goods be sold again from a day on. Raises EntryMissing."""
    _end(ForbiddenGoods, ban_id, until, "catalog.goods_allowed", actor=actor, at=at)


def review_quality(
    *,
    product_id: int,
    standard: str,
    report_no: str,
    name: str,
    data: bytes,
    issued_on: date,
    expires_on: date,
    is_passed: bool,
    note: str = "",
    actor: Actor,
    at: datetime,
) -> int:
    """Keep what a test report or inspection says of a product, with its file (CAT-4.3-06).

    The newest review counts; a failed one takes no goods off by itself, but none comes on by it.
    Raises ThingMissing, BadInput (also for a report that is over), what the files engine refuses.
    """
    read = {
        "standard": parse.text(standard, most=120, least=2).strip(),
        "report_no": parse.text(report_no, most=80, least=1).strip(),
        "note": parse.text(note, most=200).strip(),
    }
    if expires_on <= issued_on or (is_passed and expires_on <= parse.business_day(at)):
        raise BadInput(
            "catalog.report_over",
            _("The report ends after it was issued, and after today."),
            field="expires_on",
        )
    with transaction.atomic():
        rows = Product.objects.select_for_update(of=("self",), no_key=True)
        mine = actor.scope_ids("category", "catalog", "A")
        product = rows.filter(pk=product_id).first()
        if product is None or (mine is not None and mine and product.category_id not in mine):
            raise ThingMissing("product", product_id)
        paper = files.store(
            object_type=PAPERS, object_id=product_id, name=name, data=data, actor=actor, at=at
        )
        made = QualityReview.objects.create(
            product_id=product_id,
            paper_id=paper.id,
            issued_on=issued_on,
            expires_on=expires_on,
            result=ReviewResult.PASS if is_passed else ReviewResult.FAIL,
            reviewed_by=actor.person_id or 0,
            reviewed_at=at,
            **read,
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.quality_reviewed",
            obj=("catalog.product", product_id),
            body={**read, "result": made.result, "expires_on": expires_on.isoformat()},
        )
        return made.pk


def _forbid(columns: dict[str, Any], why: str, *, actor: Actor, at: datetime) -> int:
    with transaction.atomic():
        same = ForbiddenGoods.objects.filter(kind=columns["kind"], value=columns["value"])
        _refuse_twice(same, str(columns["value"]))
        made = ForbiddenGoods.objects.create(
            reason=why, added_by=actor.person_id, added_at=at, **columns
        )
        body = {name: columns[name] for name in ("kind", "value", "is_hard")}
        _record(
            "catalog.goods_forbidden",
            (BAN, made.pk),
            {**body, "reason": why},
            actor=actor,
            at=at,
        )
        return made.pk


def _end(
    model: type[ListedWord] | type[ForbiddenGoods],
    pk: int,
    until: date,
    action: str,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    with transaction.atomic():
        rows = model.objects.select_for_update(of=("self",), no_key=True)
        row = rows.filter(pk=pk, until__isnull=True).first()
        if row is None:
            raise errors.EntryMissing
        if until < max(row.since, parse.business_day(at)):
            raise BadInput(
                "catalog.entry_ends", _("Choose a day that has not passed."), field="until"
            )
        row.until = until
        row.save(update_fields=["until"])
        obj = (WORD if model is ListedWord else BAN, row.pk)
        _record(action, obj, {"until": until.isoformat()}, actor=actor, at=at)


def _refuse_twice(rows: models.QuerySet[Any], text: str) -> None:
    if rows.filter(until__isnull=True).exists():
        raise errors.EntryTwice(text)


def _require_letters(text: str) -> None:
    if not plain(text):
        raise BadInput(
            "catalog.no_letters", _("It needs at least a letter or a digit."), field="value"
        )


def _reason(reason: str) -> str:
    why = parse.text(reason, most=200).strip()
    if not why:
        raise ReasonNeeded
    return why


def _record(
    action: str,
    obj: tuple[str, int],
    body: dict[str, Any],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    audit.record(actor=actor, at=at, action=action, obj=obj, body=body)
