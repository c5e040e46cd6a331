"""All addresses.

The admin's own login form would ask for the password only, so its address leads to the one way in.
"""

from django.urls import URLPattern, URLResolver, include, path

from leadcrm.admin_site import site
from leadcrm.http.health import healthz, metrics, readyz
from leadcrm.http.sign_in import to_sign_in

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("accounts/", include("leadcrm.http.sign_in")),
    path("admin/login/", to_sign_in),
    path("admin/", site.urls),
    path("api/v1/", include("apps.workspace.api.urls")),
    path("b/", include("apps.patients.web.scheduling_urls")),
    path("c/", include("apps.patients.web.urls")),
    path("f/", include("apps.capture.web.urls")),
    path("p/", include("apps.patients.web.preference_urls")),
    path("imports/", include("apps.imports.web.urls")),
    path("hooks/", include("apps.connectors.web.urls")),
    path("quality/", include("apps.quality.web.urls")),
    path("", include("apps.chat.web.urls")),
    path("partner/", include("apps.partners.web.urls")),
    path("", include("apps.reporting.web.urls", namespace="reporting")),
    path("playbook/", include("apps.playbook.web.urls")),
    path("compliance/", include("apps.compliance.web.urls")),
    path("", include("apps.workspace.web.urls", namespace="workspace")),
]

handler400 = "leadcrm.http.pages.bad_request"
handler403 = "leadcrm.http.pages.forbidden"
handler404 = "leadcrm.http.pages.not_found"
handler500 = "leadcrm.http.pages.server_error"
