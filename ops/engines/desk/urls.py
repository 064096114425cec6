"""Addresses of the shell; the namespace is `desk`."""

from django.urls import URLPattern, path

from ops.engines.desk.views import (
    approvals,
    clocks,
    files,
    home,
    imports,
    inbox,
    jobs,
    outbox,
    periods,
    reports,
    shelling,
)

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
    path(
        "approvals/<int:request_id>/print/",
        approvals.DecisionPrint.as_view(),
        name="approval-print",
    ),
    path("files/<int:file_id>/", files.FileBytes.as_view(), name="file"),
    path("clocks/", clocks.ClockList.as_view(), name="clocks"),
    path("clocks/<int:clock_id>/", clocks.ClockScreen.as_view(), name="clock"),
    path("calendar/<int:year>/", clocks.CalendarScreen.as_view(), name="calendar"),
    path("runs/", jobs.Runs.as_view(), name="runs"),
    path("jobs/", jobs.JobList.as_view(), name="jobs"),
    path("jobs/<slug:name>/", jobs.JobScreen.as_view(), name="job"),
    path("jobs/<slug:name>/runs/<int:run_id>/", jobs.RunScreen.as_view(), name="job-run"),
    path("periods/", periods.PeriodScreen.as_view(), name="periods"),
    path("system/outbox/", outbox.OutboxList.as_view(), name="outbox"),
    path("system/outbox/<int:delivery_id>/", outbox.DeliveryScreen.as_view(), name="delivery"),
    path("system/queues/", outbox.QueueScreen.as_view(), name="queues"),
    path("system/reference/", outbox.ReferenceScreen.as_view(), name="reference"),
    path("reports/", reports.Centre.as_view(), name="reports"),
    path("reports/runs/<int:run_id>/", reports.RunScreen.as_view(), name="report-run"),
    path("reports/runs/<int:run_id>/file/", reports.RunFile.as_view(), name="report-file"),
    path("reports/<slug:name>/", reports.ReportScreen.as_view(), name="report"),
    path("reports/<slug:name>/compare/", reports.CompareScreen.as_view(), name="report-compare"),
    path("imports/", imports.Imports.as_view(), name="imports"),
    path("imports/<int:batch_id>/", imports.BatchScreen.as_view(), name="import"),
    path("imports/<int:batch_id>/rejects/", imports.Rejects.as_view(), name="import-rejects"),
]
