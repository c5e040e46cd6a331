"""How leadcrm narrows the sign-in library: staff only, no self sign-up, sealed second factors."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest

from apps.tenancy.sealing import seal_platform_text, unseal_platform_text


class StaffAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator; links in mail use the configured address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up alone."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Trust the connection, not a header anybody can send."""
        return str(request.META.get("REMOTE_ADDR", ""))

    def render_mail(self, template_prefix: str, email: str, context: Any, headers: Any = None) -> Any:
        """Build the mail with links to the configured base address."""
        context["current_site"] = settings.LEADCRM_BASE_URL
        return super().render_mail(template_prefix, email, context, headers)


class SealedMfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second-factor secrets rest encrypted."""

    def encrypt(self, text: str) -> str:
        """Seal a secret before it is stored."""
        return seal_platform_text(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a stored secret."""
        return unseal_platform_text(encrypted_text)
