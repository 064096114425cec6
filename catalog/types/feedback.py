"""Feedback and owners of products as the catalogue takes them in and hands them out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackDraft:
    """What somebody said about a SKU, or about a product (`product_id`) as a whole.

    `reference` is the number of the order, return or review it belongs to. With an `effect_key` it
    is kept once, however often it comes. Nothing here may name or reach a person.
    """

    channel_id: int
    source: str
    text: str
    sku_id: int | None = None
    product_id: int | None = None
    reference: str = ""
    rating: int | None = None
    received_at: datetime | None = None
    effect_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackInfo:
    """One item; `department_id` None: nobody owns the product, everybody's queue."""

    id: int
    number: str
    product_id: int
    channel_id: int
    department_id: int | None
    step: str
    finding: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the department says; `led_number` names what it led to, where it led to something."""

    reply: str
    finding: str
    led_to: str = ""
    led_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyTime:
    """How many working days an answer may take, by which version of the rule (0: the usual)."""

    no: int
    working_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerInfo:
    """Which department owns a product, and what says so: product, category, house, or nothing."""

    department_id: int | None
    department: str
    by: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeThing:
    """One thing in a product's life: the number people call it by, and where its page is."""

    number: str
    href: str
