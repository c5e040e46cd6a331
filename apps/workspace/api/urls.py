"""Addresses of the REST API, version 1. No trailing slashes; ids are canonical UUIDs."""

from django.urls import path

from apps.workspace.api import (
    bulk,
    criteria,
    data_requests,
    deliveries,
    exceptions,
    lead_parts,
    leads,
    me,
    openapi,
    reports,
    verdicts,
    weighing,
    why,
    work,
)

app_name = "api"
LEAD = "leads/<uuid:lead_id>"

urlpatterns = [
    path("schema", openapi.schema, name="schema"),
    path("docs", openapi.docs, name="docs"),
    path("me/availability", me.AvailabilityView.as_view(), name="availability"),
    path("leads", leads.LeadsView.as_view(), name="leads"),
    path("leads/batch", leads.LeadBatchView.as_view(), name="lead_batch"),
    path("leads/bulk", bulk.BulkView.as_view(), name="bulk"),
    path("leads/bulk/<uuid:run_id>/undo", bulk.BulkUndoView.as_view(), name="bulk_undo"),
    path(LEAD, leads.LeadView.as_view(), name="lead"),
    path(f"{LEAD}/why", why.LeadWhyView.as_view(), name="why"),
    path(f"{LEAD}/stage", work.StageView.as_view(), name="stage"),
    path(f"{LEAD}/transfers", work.TransferView.as_view(), name="transfers"),
    path(f"{LEAD}/claim", work.ClaimView.as_view(), name="claim"),
    path(f"{LEAD}/close", work.CloseView.as_view(), name="close"),
    path(f"{LEAD}/reopen", work.ReopenView.as_view(), name="reopen"),
    path(f"{LEAD}/verification", verdicts.VerificationsView.as_view(), name="verification"),
    path(f"{LEAD}/qualification", verdicts.QualificationView.as_view(), name="qualification"),
    path(f"{LEAD}/criteria", criteria.CriteriaView.as_view(), name="criteria"),
    path(f"{LEAD}/decision-makers", verdicts.DecidersView.as_view(), name="decision_makers"),
    path(f"{LEAD}/priority", weighing.PriorityView.as_view(), name="priority"),
    path(f"{LEAD}/coverage", weighing.CoverageView.as_view(), name="coverage"),
    path(f"{LEAD}/engagement", weighing.EngagementsView.as_view(), name="engagement"),
    path(f"{LEAD}/notes", work.NoteView.as_view(), name="notes"),
    path(f"{LEAD}/parties", work.PartiesView.as_view(), name="parties"),
    path(f"{LEAD}/calls", work.CallView.as_view(), name="calls"),
    path(f"{LEAD}/consents", lead_parts.ConsentsView.as_view(), name="consents"),
    path(f"{LEAD}/contact-points/<uuid:point_id>", lead_parts.ContactPointView.as_view(), name="contact_point"),
    path(f"{LEAD}/data-requests", data_requests.DataRequestsView.as_view(), name="data_requests"),
    path(f"{LEAD}/tasks", lead_parts.TasksView.as_view(), name="tasks"),
    path(f"{LEAD}/tasks/<uuid:task_id>", lead_parts.TaskView.as_view(), name="task"),
    path(f"{LEAD}/appointments", lead_parts.AppointmentsView.as_view(), name="appointments"),
    path(f"{LEAD}/appointments/<uuid:appointment_id>", lead_parts.AppointmentView.as_view(), name="appointment"),
    path(f"{LEAD}/activities", lead_parts.ActivitiesView.as_view(), name="activities"),
    path(f"{LEAD}/reports", reports.ReportsView.as_view(), name="reports"),
    path("exceptions", exceptions.ExceptionListView.as_view(), name="exceptions"),
    path(
        "exceptions/<uuid:item_id>/decision",
        exceptions.ExceptionDecisionView.as_view(),
        name="exception_decision",
    ),
    path("submissions/<uuid:submission_id>", deliveries.SubmissionView.as_view(), name="submission"),
    path("submissions/<uuid:submission_id>/documents", deliveries.DocumentsView.as_view(), name="documents"),
    path("deliveries", deliveries.DeliveriesView.as_view(), name="deliveries"),
    path("attribution", deliveries.AttributionView.as_view(), name="attribution"),
]
