"""Mail: entered with the notice in one transaction, sent outside any, at least once.

A row per notice and never two. It is claimed, committed, sent, then marked; a worker that dies in
between leaves it claimed, and it goes out again under the same Message-ID, by which mail servers
and readers drop the second copy.
"""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ops.engines.notices import rules
from ops.engines.notices.choices import MailState, NoticeKind
from ops.engines.notices.models import MailPreference, Notice, NoticeMail
from ops.engines.notices.selectors import rendered
from ops.engines.notices.services.preferring import address_of
from ops.engines.notices.types import MailRound

LEASE: Final = timedelta(minutes=10)
MOST_ATTEMPTS: Final = 8
MOST_A_ROUND: Final = 500
logger = logging.getLogger(__name__)


def enter(notices: Sequence[Notice], *, at: datetime) -> int:
    """Enter the mail of new notices for those who want it, each due by its reader's wishes.

    Inside the caller's transaction: mail exists only if what it tells of does.
    """
    wishes = {
        wish.person_id: wish
        for wish in MailPreference.objects.filter(
            person_id__in={notice.person_id for notice in notices}
        )
    }
    due = [
        (notice, rules.due_at(wishes[notice.person_id], notice, at=at))
        for notice in notices
        if notice.person_id in wishes
    ]
    rows = [
        NoticeMail(notice=notice, person_id=notice.person_id, due_at=moment)
        for notice, moment in due
        if moment is not None
    ]
    return len(NoticeMail.objects.bulk_create(rows, batch_size=1000))


def send_due(*, at: datetime) -> MailRound:
    """Send what is due, one message a person, and say how it went.

    What was done or read in the meantime is not sent. A message the server does not take is tried
    again after 2, 4, 8 ... minutes, eight times, then parked where staff see it. Not to be called
    inside a transaction.
    """
    dropped = _drop(at)
    batches = _claim(at)
    persons = {rows[0].person_id for rows in batches.values()}
    wishes = {w.person_id: w for w in MailPreference.objects.filter(person_id__in=persons)}
    sent = failed = 0
    for batch, rows in batches.items():
        why = _send(batch, rows, wishes.get(rows[0].person_id))
        _mark(batch, why, at)
        sent, failed = sent + (not why), failed + bool(why)
    return MailRound(sent=sent, failed=failed, dropped=dropped)


def _drop(at: datetime) -> int:
    done = Q(notice__acknowledged_at__isnull=False) | Q(
        notice__read_at__isnull=False, notice__kind__in=[NoticeKind.FYI, NoticeKind.RUN]
    )
    waiting = NoticeMail.objects.filter(state=MailState.WAITING, due_at__lte=at, batch=None)
    with transaction.atomic():
        ids = list(waiting.filter(done).values_list("pk", flat=True)[:MOST_A_ROUND])
        return NoticeMail.objects.filter(pk__in=ids, state=MailState.WAITING).update(
            state=MailState.DROPPED
        )


def _claim(at: datetime) -> dict[uuid.UUID, list[NoticeMail]]:
    """Take what is due; rows that were once sent together stay together under their batch."""
    left = Q(state=MailState.SENDING, claimed_at__lte=at - LEASE)
    with transaction.atomic():
        rows = list(
            NoticeMail.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
            .filter(Q(state=MailState.WAITING, due_at__lte=at) | left)
            .order_by("pk")[:MOST_A_ROUND]
        )
        fresh: dict[int, uuid.UUID] = defaultdict(uuid.uuid4)
        for row in rows:
            row.batch = row.batch or fresh[row.person_id]
            row.state, row.claimed_at, row.attempts = MailState.SENDING, at, row.attempts + 1
        NoticeMail.objects.bulk_update(rows, ["batch", "state", "claimed_at", "attempts"])
    claimed = {row.batch for row in rows}
    found: dict[uuid.UUID, list[NoticeMail]] = defaultdict(list)
    whole = NoticeMail.objects.filter(batch__in=claimed, state=MailState.SENDING)
    for row in whole.select_related("notice").order_by("pk"):
        if row.batch is not None:
            found[row.batch].append(row)
    return found


def _send(batch: uuid.UUID, rows: Sequence[NoticeMail], wish: MailPreference | None) -> str:
    """Send one message and return why it failed, empty when the server took it."""
    if wish is None:
        return "no address"
    with translation.override(wish.language):
        message = _message(batch, [row.notice for row in rows], address_of(wish))
        try:
            get_connection().send_messages([message])
        except OSError as error:  # every failure of SMTP and of the network is one
            logger.warning("Mail %s was not taken: %s", batch, type(error).__name__)
            return type(error).__name__
    return ""


def _message(batch: uuid.UUID, notices: Sequence[Notice], address: str) -> EmailMessage:
    """Return the message: its subject names kinds alone, so that no list of mails tells more."""
    lines = [
        f"{rendered(each.title, each.params)}\n{settings.SITE_URL}{each.link}\n" for each in notices
    ]
    return EmailMessage(
        subject=subject_of(notices),
        body="\n".join([*lines, _("How mail reaches you: %(link)s") % _preferences()]),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers={"Message-ID": _message_id(batch), "Auto-Submitted": "auto-generated"},
    )


def subject_of(notices: Sequence[Notice]) -> str:
    """Return the subject line: how many things of which kind, never what they are about."""
    count = len(notices)
    if any(notice.is_alarm for notice in notices):
        words = ngettext(
            "%(count)s alarm to acknowledge", "%(count)s things, an alarm among them", count
        )
    elif any(notice.kind == NoticeKind.ACT for notice in notices):
        words = ngettext("%(count)s thing to act on", "%(count)s things to act on", count)
    else:
        words = ngettext("%(count)s piece of news", "%(count)s pieces of news", count)
    return _("Guifan: %(words)s") % {"words": words % {"count": count}}


def _mark(batch: uuid.UUID, why: str, at: datetime) -> None:
    rows = NoticeMail.objects.filter(batch=batch, state=MailState.SENDING)
    with transaction.atomic():
        if not why:
            rows.update(state=MailState.SENT, sent_at=at, error="")
            return
        rows.filter(attempts__gte=MOST_ATTEMPTS).update(state=MailState.PARKED, error=why)
        tried = max(rows.values_list("attempts", flat=True), default=0)
        rows.update(state=MailState.WAITING, error=why, due_at=at + timedelta(minutes=2**tried))


def _message_id(batch: uuid.UUID) -> str:
    """Return the one id of a message, however often it is sent."""
    return f"<{batch.hex}@{urlsplit(settings.SITE_URL).hostname or 'guifan'}>"


def _preferences() -> dict[str, Any]:
    return {"link": f"{settings.SITE_URL}/inbox/preferences/"}
