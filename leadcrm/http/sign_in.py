"""The one way to sign in: the library's pages, which ask for the second factor."""

from allauth.account.urls import urlpatterns as library_pages
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from leadcrm.http.scoping import public

#: What staff need of the library; addresses and accounts are an administrator's matter.
PAGES = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}

#: For addresses of other sign-in and sign-up forms, which would ask for less.
to_sign_in = public(RedirectView.as_view(pattern_name="account_login", query_string=True))

urlpatterns: list[URLPattern | URLResolver] = [
    *(each for each in library_pages if getattr(each, "name", None) in PAGES),
    path("signup/", to_sign_in, name="account_signup"),
    path("2fa/", include("allauth.mfa.urls")),
]
