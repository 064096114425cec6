"""Record screens of notices: mail that was sent, waits or was given up."""

from __future__ import annotations

from django.contrib import admin

from ops.engines.http.admin import ReadOnlyAdmin
from ops.engines.kernel.policy import may
from ops.engines.notices.models import NoticeMail


@admin.register(NoticeMail)
class NoticeMailAdmin(ReadOnlyAdmin):
    """Mail by state; neither address nor text is shown."""

    policy = may("ops", "M")
    list_display = ("id", "person", "state", "due_at", "attempts", "sent_at", "error")
    list_filter = ("state",)
    ordering = ("-id",)
