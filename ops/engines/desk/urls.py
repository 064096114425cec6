"""Addresses of the shell; the namespace is `desk`."""

from django.urls import URLPattern, path

from ops.engines.desk.views import approvals, home, inbox, shelling

app_name = "desk"

urlpatterns: list[URLPattern] = [
    path("", home.Home.as_view(), name="home"),
    path("inbox/", inbox.Inbox.as_view(), name="inbox"),
    path("inbox/poll/", inbox.Poll.as_view(), name="inbox-poll"),
    path("find/", shelling.Find.as_view(), name="find"),
    path("keys/", shelling.Keys.as_view(), name="keys"),
    path("more/", shelling.More.as_view(), name="more"),
    path("scan/", shelling.Scan.as_view(), name="scan"),
    path("approvals/", approvals.ApprovalsInbox.as_view(), name="approvals"),
    path("approvals/<int:request_id>/", approvals.DecisionScreen.as_view(), name="approval"),
]
