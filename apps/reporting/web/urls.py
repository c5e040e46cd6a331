"""Addresses of the board and the reports."""

from django.urls import URLPattern, path

from apps.reporting.web import views

app_name = "reporting"

urlpatterns: list[URLPattern] = [
    path("board/", views.board, name="board"),
    path("board/queues.csv", views.queues_csv, name="queues_csv"),
    path("board/people.csv", views.people_csv, name="people_csv"),
    path("reports/", views.reports, name="reports"),
    path("reports/funnel.csv", views.funnel_csv, name="funnel_csv"),
    path("reports/speed.csv", views.speed_csv, name="speed_csv"),
]
