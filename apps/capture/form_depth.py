"""How much an inquiry tells: a sign of how deep somebody went into the form."""

from apps.capture.terms import Draft

#: What a form asks for beyond a name and a number.
_DEEP = (
    *("service_key", "location_key", "patient_type", "timeframe", "message", "payer", "preferred_channel"),
    *("appointment_type", "part_of_day", "best_time", "date_of_birth", "postal_code", "referral"),
)


def form_depth(draft: Draft) -> int:
    """Return how many things an inquiry tells: fields beyond the name and the number, and answered questions."""
    return sum(1 for each in _DEEP if getattr(draft, each)) + len(draft.answers)
