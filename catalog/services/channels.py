"""Places where we sell."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from catalog.errors import goods as errors
from catalog.errors.pages import ChannelIncomplete
from catalog.models import Channel
from catalog.selectors import pages
from catalog.types.goods import ChannelInfo
from ops.engines.audit import services as audit
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor


def create_channel(
    *,
    code: str,
    name: str,
    platform: str = "other",
    currency: str = "CNY",
    go_live_on: date | None = None,
    is_own: bool = False,
    actor: Actor,
    at: datetime,
) -> ChannelInfo:
    """Open a channel; days before `go_live_on` come in as history. Raises CodeTaken, BadInput.

    An own one is made shut: it opens (`set_active`) once its pages and guidance texts are live.
    """
    with transaction.atomic():
        made = Channel(
            code=parse.code(code, most=40),
            name=parse.text(name, most=120, least=1),
            platform=parse.code(platform, most=40),
            currency=parse.code(currency, most=3),
            go_live_on=go_live_on,
            is_own=is_own,
            is_active=not is_own,
        )
        if Channel.objects.filter(code__iexact=made.code).exists():
            raise errors.CodeTaken(code)
        made.save(force_insert=True)
        audit.record(
            actor=actor,
            at=at,
            action="catalog.channel_created",
            obj=("catalog.channel", made.pk),
            body={"code": made.code, "name": made.name, "go_live_on": go_live_on},
        )
        return info(made)


def ensure_channel(
    *,
    code: str,
    name: str = "",
    platform: str = "other",
    currency: str = "CNY",
    go_live_on: date | None = None,
    actor: Actor,
    at: datetime,
) -> ChannelInfo:
    """Return the channel of that code, opened now when there is none."""
    with transaction.atomic():
        found = Channel.objects.filter(code=code).first()
        if found is not None:
            return info(found)
        return create_channel(
            code=code,
            name=name or code,
            platform=platform,
            currency=currency,
            go_live_on=go_live_on,
            actor=actor,
            at=at,
        )


def set_active(*, channel_id: int, is_active: bool, actor: Actor, at: datetime) -> ChannelInfo:
    """Open or close a channel for new orders. Raises ThingMissing.

    An own channel opens only whole (SCM-2.4-07, MKT-5.3-10): raises ChannelIncomplete.
    """
    with transaction.atomic():
        channel = (
            Channel.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk=channel_id)
            .first()
        )
        if channel is None:
            raise errors.ThingMissing("channel", channel_id)
        if channel.is_active != is_active:
            if is_active and channel.is_own:
                lacking = pages.channel_set(channel_id=channel_id, at=at).lacking
                if lacking:
                    raise ChannelIncomplete(lacking)
            channel.is_active = is_active
            channel.save(update_fields=["is_active"])
            audit.record(
                actor=actor,
                at=at,
                action="catalog.channel_opened" if is_active else "catalog.channel_closed",
                obj=("catalog.channel", channel.pk),
            )
        return info(channel)


def info(channel: Channel) -> ChannelInfo:
    """Return the plain form of a channel."""
    return ChannelInfo(
        id=channel.pk,
        code=channel.code,
        name=channel.name,
        platform=channel.platform,
        currency=channel.currency,
        is_active=channel.is_active,
        is_own=channel.is_own,
        go_live_on=channel.go_live_on,
    )
