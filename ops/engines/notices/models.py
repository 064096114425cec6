"""The inbox of persons."""

from __future__ import annotations

from django.db import models
from django.db.models import JSONField, Q
from django.utils.translation import gettext_lazy as _

from ops.engines.notices.choices import MailMode, MailState, NoticeKind


class Notice(models.Model):
    """One message to one person; titles name documents, never people's data.

    `title` and `body` are message ids with named placeholders, filled from `params` and translated
    when read, so that each reader sees their own language.
    """

    person = models.ForeignKey(
        "identity.Person", models.CASCADE, related_name="+", verbose_name=_("person")
    )
    kind = models.CharField(_("kind"), max_length=3, choices=NoticeKind)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("body"), blank=True)
    params = JSONField(_("values"), default=dict)
    link = models.CharField(_("link"), max_length=200, blank=True)
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    effect_key = models.CharField(_("effect key"), max_length=160, blank=True, default="")
    is_alarm = models.BooleanField(_("alarm"), default=False)
    created_at = models.DateTimeField(_("created at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="notice_kind_known", condition=Q(kind__in=NoticeKind.values)
            ),
            models.CheckConstraint(
                name="notice_link_stays_here", condition=Q(link="") | Q(link__regex="^/[^/]")
            ),
            models.UniqueConstraint(
                name="notice_told_once",
                fields=["effect_key", "person"],
                condition=~Q(effect_key=""),
            ),
            models.CheckConstraint(
                name="notice_alarm_is_to_act_on",
                condition=Q(is_alarm=False) | Q(kind=NoticeKind.ACT),
            ),
        ]
        indexes = [
            models.Index(name="notice_inbox", fields=["person", "-id"]),
            models.Index(
                name="notice_open_subject",
                fields=["subject"],
                condition=Q(acknowledged_at__isnull=True) & ~Q(subject=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class MailPreference(models.Model):
    """What mail one person wants; without a row nothing is mailed.

    PII: the address, sealed; it goes when the person takes it back.
    """

    person = models.OneToOneField(
        "identity.Person", models.CASCADE, related_name="+", verbose_name=_("person")
    )
    address = models.TextField(_("address (sealed)"))
    language = models.CharField(_("language"), max_length=12, default="zh-hans")
    act_mode = models.CharField(_("to act on"), max_length=5, choices=MailMode)
    fyi_mode = models.CharField(_("for information"), max_length=5, choices=MailMode)
    run_mode = models.CharField(_("runs"), max_length=5, choices=MailMode)
    digest_hour = models.PositiveSmallIntegerField(_("hour of the daily mail"))
    quiet_from = models.PositiveSmallIntegerField(_("quiet from"), null=True, blank=True)
    quiet_until = models.PositiveSmallIntegerField(_("quiet until"), null=True, blank=True)

    class Meta:
        verbose_name = _("mail preference")
        verbose_name_plural = _("mail preferences")
        constraints = [
            models.CheckConstraint(
                name="mailpreference_modes_known",
                condition=Q(act_mode__in=MailMode.values)
                & Q(fyi_mode__in=MailMode.values)
                & Q(run_mode__in=MailMode.values),
            ),
            models.CheckConstraint(
                name="mailpreference_hours_of_a_day",
                condition=Q(digest_hour__lt=24)
                & (Q(quiet_from__isnull=True) | Q(quiet_from__lt=24))
                & (Q(quiet_until__isnull=True) | Q(quiet_until__lt=24)),
            ),
            models.CheckConstraint(
                name="mailpreference_quiet_has_both_ends",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (
                    Q(quiet_from__isnull=False, quiet_until__isnull=False)
                    & ~Q(quiet_from=models.F("quiet_until"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.person_id)


class NoticeMail(models.Model):
    """The mail of one notice: one row, so never two. PII: none; the address stays elsewhere."""

    notice = models.OneToOneField(
        Notice, models.CASCADE, related_name="mail", verbose_name=_("notice")
    )
    person = models.ForeignKey(
        "identity.Person", models.CASCADE, related_name="+", verbose_name=_("person")
    )
    state = models.CharField(_("state"), max_length=7, choices=MailState, default=MailState.WAITING)
    due_at = models.DateTimeField(_("due at"))
    batch = models.UUIDField(_("message"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("mail of a notice")
        verbose_name_plural = _("mails of notices")
        constraints = [
            models.CheckConstraint(
                name="noticemail_state_known", condition=Q(state__in=MailState.values)
            ),
            models.CheckConstraint(
                name="noticemail_sent_has_moment",
                condition=Q(state=MailState.SENT, sent_at__isnull=False)
                | (~Q(state=MailState.SENT) & Q(sent_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                name="noticemail_due",
                fields=["due_at"],
                condition=Q(state__in=[MailState.WAITING, MailState.SENDING]),
            ),
            models.Index(
                name="noticemail_batch", fields=["batch"], condition=Q(batch__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.state}"
