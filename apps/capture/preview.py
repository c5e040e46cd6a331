"""Links that show a form as it is worked on, to whoever the builder gives them, for an hour."""

from uuid import UUID

from django.core import signing

HOLDS_SECONDS = 3600
_SALT = "leadcrm.form.preview"


def sign_preview(form_id: UUID) -> str:
    """Return the text for a preview's address."""
    return signing.dumps(form_id.hex, salt=_SALT)


def may_preview(text: str, form_id: UUID) -> bool:
    """Say whether the text is ours, of this form and fresh."""
    try:
        return bool(signing.loads(text, salt=_SALT, max_age=HOLDS_SECONDS) == form_id.hex)
    except signing.BadSignature:
        return False
