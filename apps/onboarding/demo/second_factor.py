"""Second factors of demo users: made, recognised, and the six digits that are valid now."""

import time

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt

from apps.accounts.models import User
from apps.tenancy.sealing import CannotUnseal


def keep_second_factor(user: User) -> str:
    """Return the user's one-time-password secret; make one where there is none that can be read."""
    found = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if found is not None:
        try:
            return str(decrypt(found.data["secret"]))
        except CannotUnseal:
            found.delete()
    secret = str(generate_totp_secret())
    TOTP.activate(user, secret)
    return secret


def code_of(secret: str) -> str:
    """Return the six digits that are valid now (RFC 6238)."""
    counter = int(time.time()) // app_settings.TOTP_PERIOD
    return str(format_hotp_value(hotp_value(secret, counter)))
