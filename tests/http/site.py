"""Addresses of the tests: one of each mark, and views that fail in each way."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import include, path
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from apps.tenancy.errors import Conflict, Invalid, Problem, Refused
from leadcrm.http.health import healthz, metrics
from leadcrm.http.scoping import own_scope, public
from leadcrm.http.sign_in import to_sign_in

ERRORS = {
    "refused": Refused("Owned by Elm Calls since 14 Nov."),
    "conflict": Conflict("A colleague was faster."),
    "invalid": Invalid("No.", (Problem("/a~1b", "wrong", "Not so."),)),
    "absent": Http404("lead 7 of another tenant"),
    "denied": PermissionDenied("secret reason"),
    "fault": KeyError("maria@example.com"),
}


@public
def open_page(request):
    return HttpResponse(f"actor {request.actor}")


@public
def echo(request):
    return JsonResponse({"length": len(request.body), "again": len(request.body)})


@public
def form(request):
    return HttpResponse(str(len(request.POST)))


@public
def failing(request, name):
    raise ERRORS[name]


def staff_page(request):
    return HttpResponse("inside")


@own_scope
def staff_stream(request):
    return HttpResponse("own")


@api_view(["GET", "POST"])
def api_staff(request):
    return Response({"actor": str(request.auth.id)})


@public
@api_view(["GET", "POST"])
@authentication_classes([])
@permission_classes([AllowAny])
def api_failing(request, name):
    raise ERRORS[name]


@public
@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
def api_echo(request):
    return Response({"got": request.data})


urlpatterns = [
    path("accounts/", include("leadcrm.http.sign_in")),
    path("admin/login/", to_sign_in),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics),
    path("f/open/", open_page, name="open"),
    path("echo", echo),
    path("form", form),
    path("failing/<name>", failing),
    path("staff", staff_page, name="staff"),
    path("stream", staff_stream),
    path("api/v1/staff", api_staff, name="api_staff"),
    path("api/v1/failing/<name>", api_failing),
    path("api/v1/echo", api_echo),
    path("api/v1/leads/batch", api_echo),
]

handler400 = "leadcrm.http.pages.bad_request"
handler403 = "leadcrm.http.pages.forbidden"
handler404 = "leadcrm.http.pages.not_found"
handler500 = "leadcrm.http.pages.server_error"
