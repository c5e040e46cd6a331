"""Addresses of public forms."""

from django.urls import path

from apps.capture.web import views

app_name = "capture"

urlpatterns = [
    path("<slug:slug>/", views.form, name="form"),
    path("<slug:slug>/thanks/", views.thanks, name="thanks"),
]
