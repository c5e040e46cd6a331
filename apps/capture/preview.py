"""Links that show a form as it is worked on, or a version of it, to whoever the builder gives them, for an hour."""

from dataclasses import dataclass
from uuid import UUID

from django.core import signing

HOLDS_SECONDS = 3600
_SALT = "leadcrm.form.preview"


@dataclass(frozen=True, slots=True)
class Previewed:
    """What a link shows: a version; without one what is worked on."""

    version_id: UUID | None


def sign_preview(form_id: UUID, version_id: UUID | None = None) -> str:
    """Return the text for a preview's address."""
    return signing.dumps([form_id.hex, version_id.hex if version_id else ""], salt=_SALT)


def read_preview(text: str, form_id: UUID) -> Previewed | None:
    """Return what the text shows of this form; None where it is not ours, of another form, or an hour old."""
    try:
        form, version = signing.loads(text, salt=_SALT, max_age=HOLDS_SECONDS)
    except (signing.BadSignature, ValueError):
        return None
    return Previewed(UUID(version) if version else None) if form == form_id.hex else None
