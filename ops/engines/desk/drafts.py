"""Unfinished forms, kept on the server three seconds after the last key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ops.engines.desk.models import Draft
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import BUSINESS_ZONE

KEPT_FOR: Final = dt.timedelta(days=30)
_NOT_TYPED: Final = frozenset(("csrfmiddlewaretoken", "step"))


@dataclass(frozen=True, slots=True)
class DraftInfo:
    """A kept draft: when, and the typed texts by field name."""

    saved_at: dt.datetime
    body: Mapping[str, Any]


def keep(request: HttpRequest, *, form: str, actor: Actor, at: dt.datetime) -> HttpResponse:
    """Keep what stands in the form and answer with one line; old drafts of the person go."""
    body = {key: value for key, value in request.POST.items() if key not in _NOT_TYPED and value}
    with transaction.atomic():
        Draft.objects.filter(user_id=actor.user_id or 0, saved_at__lt=at - KEPT_FOR).delete()
        Draft.objects.update_or_create(
            user_id=actor.user_id or 0, form=form[:200], defaults={"body": body, "saved_at": at}
        )
    clock = at.astimezone(BUSINESS_ZONE).strftime("%H:%M:%S")
    return HttpResponse(_("Draft kept %(clock)s") % {"clock": clock}, content_type="text/plain")


def kept(*, form: str, actor: Actor, at: dt.datetime) -> DraftInfo | None:
    """Return the draft of this form, None when there is none or it is too old."""
    found = Draft.objects.filter(
        user_id=actor.user_id or 0, form=form[:200], saved_at__gte=at - KEPT_FOR
    ).first()
    return DraftInfo(found.saved_at, found.body) if found else None


def drop(*, form: str, actor: Actor) -> None:
    """Forget the draft of a form that was handed in."""
    with transaction.atomic():
        Draft.objects.filter(user_id=actor.user_id or 0, form=form[:200]).delete()
