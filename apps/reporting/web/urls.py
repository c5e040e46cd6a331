"""Addresses of the board and the reports."""

from django.urls import URLPattern, path

from apps.reporting.web.views import board, reassign, reports

app_name = "reporting"

urlpatterns: list[URLPattern] = [
    path("board/", board.board, name="board"),
    path("board/queues.csv", board.queues_csv, name="queues_csv"),
    path("board/hours.csv", board.hours_csv, name="hours_csv"),
    path("board/people.csv", board.people_csv, name="people_csv"),
    path("board/exceptions.csv", board.exceptions_csv, name="exceptions_csv"),
    path("board/causes.csv", board.causes_csv, name="causes_csv"),
    path("board/reassign/", reassign.reassign, name="reassign"),
    path("reports/", reports.reports, name="reports"),
    *(path(f"reports/{name}/", reports.panel, {"name": name}, name=name) for name in reports.PANELS),
    path("reports/funnel.csv", reports.funnel_csv, name="funnel_csv"),
    path("reports/drops.csv", reports.drops_csv, name="drops_csv"),
    path("reports/duplicates.csv", reports.duplicates_csv, name="duplicates_csv"),
    path("reports/lines.csv", reports.lines_csv, name="lines_csv"),
    path("reports/speed.csv", reports.speed_csv, name="speed_csv"),
    path("reports/endings.csv", reports.endings_csv, name="endings_csv"),
    path("reports/cycle.csv", reports.cycle_csv, name="cycle_csv"),
    path("reports/quality.csv", reports.quality_csv, name="quality_csv"),
    path("reports/routes.csv", reports.routes_csv, name="routes_csv"),
    path("reports/scores.csv", reports.scores_csv, name="scores_csv"),
    path("reports/outreach.csv", reports.outreach_csv, name="outreach_csv"),
    path("reports/handoffs.csv", reports.handoffs_csv, name="handoffs_csv"),
    path("reports/credits.csv", reports.credits_csv, name="credits_csv"),
    path("reports/marketing.csv", reports.marketing_csv, name="marketing_csv"),
    path("reports/cadences.csv", reports.cadences_csv, name="cadences_csv"),
    path("reports/promises.csv", reports.promises_csv, name="promises_csv"),
]
