"""Coding rules in versions, the codes they give, and what others call our SKUs (CAT-4.1-01)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NoReturn

from django.db import connection, transaction
from django.db.models import Max

from catalog.choices.coding import AliasKind
from catalog.errors import coding as errors
from catalog.errors.goods import CodeTaken, ThingMissing
from catalog.models import Category, CodeRule, IssuedCode, Sku, SkuAlias
from catalog.rules import coding as rules
from catalog.selectors import coding as selectors
from catalog.types.coding import AliasInfo, CodeRuleInfo
from ops.engines.audit import refusals
from ops.engines.audit import services as audit
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.numbering import services as numbering

REFUSED: Final = "catalog.code_refused"
_MOST: Final = 80
_NEXT = """
INSERT INTO catalog_codesequence AS s (stem, last) VALUES (%s, 1)
ON CONFLICT (stem) DO UPDATE SET last = s.last + 1 RETURNING last
"""


@dataclass(frozen=True, slots=True)
class GivenCode:
    """A code for a new SKU, and the rule it follows (None: the usual series)."""

    code: str
    rule_id: int | None


def keeping(given: str, *, actor: Actor, at: datetime) -> AbstractContextManager[None]:
    """Keep a refusal of the block as a fact: a code that was typed, or that another SKU has.

    Stand it outside the transaction of the deed (CAT-4.1-01: refused attempts).
    """
    return refusals.kept(
        REFUSED,
        of=(errors.CodeTyped, CodeTaken),
        obj=("catalog.sku", ""),
        body={"given": given[:_MOST]},
        actor=actor,
        at=at,
    )


def refuse_typed(*, code: str, actor: Actor, at: datetime) -> NoReturn:
    """Refuse a code that somebody typed for a new SKU, and keep the attempt. Raises CodeTyped."""
    with keeping(code, actor=actor, at=at):
        raise errors.CodeTyped


def set_code_rule(
    *,
    pattern: str,
    words: Mapping[str, Mapping[str, str]],
    starts_on: date,
    category_id: int | None = None,
    actor: Actor,
    at: datetime,
) -> CodeRuleInfo:
    """Decide the next version of the coding rule of a category, or of the whole catalogue.

    Codes given before stay as they are. Raises ThingMissing, RuleNotNewer, BadInput.
    """
    read = parse.text(pattern, most=120, least=1)
    parts = rules.read_pattern(read)
    listed = rules.read_words(parts, words)
    with transaction.atomic():
        if category_id is not None and _locked(category_id) is None:
            raise ThingMissing("category", category_id)
        versions = (
            CodeRule.objects.filter(category__isnull=True)
            if category_id is None
            else CodeRule.objects.filter(category_id=category_id)
        )
        former = versions.aggregate(version=Max("version"), day=Max("starts_on"))
        if starts_on < max(parse.business_day(at), former["day"] or date.min):
            raise errors.RuleNotNewer
        made = CodeRule.objects.create(
            category_id=category_id,
            version=(former["version"] or 0) + 1,
            pattern=read,
            words=listed,
            shape=rules.shape(parts, listed),
            starts_on=starts_on,
            decided_by=actor.person_id,
            decided_at=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.code_rule_set",
            obj=("catalog.coderule", made.pk),
            body={"category": category_id, "version": made.version, "pattern": read},
        )
        return selectors.rule_info(made)


def give_code(*, category: Category, facts: Mapping[str, str], at: datetime) -> GivenCode:
    """Return the next code for a SKU in a category, by the rule of the day or the usual series.

    `facts` hold the values behind the rule's parts, such as brand and attributes. A number whose
    code was ever issued is passed over. Raises BadInput for a value the rule has no code for.
    """
    rule = selectors.rule_for(category=category, day=parse.business_day(at))
    if rule is None:
        return GivenCode(numbering.take_one("SKU", at=at), None)
    parts = rules.read_pattern(rule.pattern)
    known = {**facts, rules.CATEGORY: category.code}
    stem = rules.stem(parts, rule.words, known)
    while True:
        code = rules.compose(parts, rule.words, known, _next(stem))
        if not IssuedCode.objects.filter(code_key=parse.code_key(code)).exists():
            return GivenCode(code, rule.pk)


def name_sku(
    *, sku_id: int, kind: str, source: str, code: str, actor: Actor, at: datetime
) -> AliasInfo:
    """Record what a former system or a supplier calls a SKU; the same again changes nothing.

    Raises ThingMissing (also outside the actor's categories), CodeTaken when the source calls
    another SKU so, BadInput.
    """
    read, where = parse.code(code), parse.code(source, most=80)
    with keeping(read, actor=actor, at=at), transaction.atomic():
        sku = (
            Sku.objects.select_for_update(of=("self",), no_key=True)
            .select_related("product")
            .filter(pk=sku_id)
            .first()
        )
        mine = actor.scope_ids("category", "catalog", "C")
        if sku is None or (mine is not None and sku.product.category_id not in mine):
            raise ThingMissing("sku", sku_id)
        alias, is_new = SkuAlias.objects.get_or_create(
            kind=AliasKind(kind), source=where, code=read, defaults={"sku": sku, "named_at": at}
        )
        if alias.sku_id != sku_id:
            raise CodeTaken(read)
        if is_new:
            audit.record(
                actor=actor,
                at=at,
                action="catalog.sku_named",
                obj=("catalog.sku", sku_id),
                body={"kind": alias.kind, "source": where, "code": read},
            )
        return AliasInfo(id=alias.pk, sku_id=sku_id, kind=alias.kind, source=where, code=read)


def _next(stem: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [stem])
        return int(cursor.fetchone()[0])


def _locked(category_id: int) -> Category | None:
    return (
        Category.objects.select_for_update(of=("self",), no_key=True).filter(pk=category_id).first()
    )
