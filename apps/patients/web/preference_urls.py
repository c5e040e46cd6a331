"""Addresses of the page of preferences."""

from django.urls import path

from apps.patients.web import preferences

app_name = "preferences"

urlpatterns = [
    path("<str:token>/", preferences.preferences, name="preferences"),
    path("<str:token>/one-click/", preferences.one_click, name="one_click"),
]
