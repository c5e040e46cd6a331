"""Addresses of public forms."""

from django.urls import path

from apps.capture.web import views

app_name = "capture"

urlpatterns = [
    path("<slug:slug>/", views.form, name="form"),
    path("<slug:slug>/embed/", views.embed, name="embed"),
    path("<slug:slug>/thanks/", views.thanks, name="thanks"),
    path("<slug:slug>/challenge/", views.challenge, name="challenge"),
    path("<slug:slug>/preview/<str:token>/", views.preview, name="preview"),
    path("<slug:slug>/asset/<str:token>/", views.asset, name="asset"),
    path("<slug:slug>/<slug:token>/<slug:name>/", views.step, name="step"),
]
