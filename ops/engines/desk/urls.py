"""Addresses of the shell; the namespace is `desk`."""

from django.urls import URLPattern, path

from ops.engines.desk.views import (
    approvals,
    documents,
    files,
    home,
    imports,
    inbox,
    jobs,
    preferences,
    printing,
    reports,
    shelling,
)

app_name = "desk"

urlpatterns: list[URLPattern] = [
    path("", home.Home.as_view(), name="home"),
    path("inbox/", inbox.Inbox.as_view(), name="inbox"),
    path("inbox/poll/", inbox.Poll.as_view(), name="inbox-poll"),
    path("inbox/preferences/", preferences.MailForm.as_view(), name="mail-preferences"),
    path("find/", shelling.Find.as_view(), name="find"),
    path("keys/", shelling.Keys.as_view(), name="keys"),
    path("more/", shelling.More.as_view(), name="more"),
    path("scan/", shelling.Scan.as_view(), name="scan"),
    path("approvals/", approvals.ApprovalsInbox.as_view(), name="approvals"),
    path("approvals/<int:request_id>/", approvals.DecisionScreen.as_view(), name="approval"),
    path("files/<int:file_id>/", files.FileBytes.as_view(), name="file"),
    path("runs/", jobs.Runs.as_view(), name="runs"),
    path("jobs/", jobs.JobList.as_view(), name="jobs"),
    path("jobs/<slug:name>/", jobs.JobScreen.as_view(), name="job"),
    path("reports/", reports.Centre.as_view(), name="reports"),
    path("reports/runs/<int:run_id>/", reports.RunScreen.as_view(), name="report-run"),
    path("reports/runs/<int:run_id>/file/", reports.RunFile.as_view(), name="report-file"),
    path("reports/<slug:name>/", reports.ReportScreen.as_view(), name="report"),
    path("reports/<slug:name>/compare/", reports.CompareScreen.as_view(), name="report-compare"),
    path("print/<slug:form>/<int:pk>/", printing.Print.as_view(), name="print"),
    path("documents/", documents.Library.as_view(), name="documents"),
    path("documents/new/", documents.NewDocument.as_view(), name="document-new"),
    path("documents/<str:code>/", documents.DocumentScreen.as_view(), name="document"),
    path("documents/<str:code>/revise/", documents.Revision.as_view(), name="document-revise"),
    path("imports/", imports.Imports.as_view(), name="imports"),
    path("imports/<int:batch_id>/", imports.BatchScreen.as_view(), name="import"),
    path("imports/<int:batch_id>/rejects/", imports.Rejects.as_view(), name="import-rejects"),
]
