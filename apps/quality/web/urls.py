"""Addresses of data quality. None of them holds a person's data."""

from django.urls import URLPattern, path

from apps.quality.web.views import changes, mending, overview

app_name = "quality"

urlpatterns: list[URLPattern] = [
    path("", overview.quality, name="quality"),
    path("run/", overview.asked, name="run"),
    path("recheck/", overview.rechecked, name="recheck"),
    path("change/", changes.change, name="change"),
    path("change/<uuid:run_id>/", changes.changed, name="changed"),
    path("change/<uuid:run_id>/undo/", changes.undone, name="undo"),
    path("items/<uuid:item_id>/", mending.mend, name="mend"),
    path("<slug:key>/", overview.items, name="items"),
]
