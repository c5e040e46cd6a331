"""Addresses of imports. None of them holds a person's data."""

from django.urls import URLPattern, path

from apps.imports.web.views import confirmed, discarded, imports, planned, run, undone

app_name = "imports"

urlpatterns: list[URLPattern] = [
    path("", imports, name="imports"),
    path("<uuid:run_id>/", run, name="run"),
    path("<uuid:run_id>/plan/", planned, name="plan"),
    path("<uuid:run_id>/confirm/", confirmed, name="confirm"),
    path("<uuid:run_id>/undo/", undone, name="undo"),
    path("<uuid:run_id>/discard/", discarded, name="discard"),
]
