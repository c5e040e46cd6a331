"""Words that forms and agencies use for our picklist values, folded; what is not here is unknown."""

from collections.abc import Mapping

_PARTNERS = ("spouse", "wife", "husband", "partner", "guardian", "caregiver")
_KIN = ("family", "relative", "parent", "mother", "father", "child", "daughter", "son", "grandparent")
_SIBLINGS = ("grandchild", "sibling", "sister", "brother")

CHANNELS: Mapping[str, str] = {
    **dict.fromkeys(("call", "phone", "phone call", "telephone", "voice"), "call"),
    **dict.fromkeys(("text", "sms", "text message"), "text"),
    **dict.fromkeys(("email", "e mail"), "email"),
}
PATIENT_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("new", "new patient", "new pt", "new pat", "first visit", "first time"), "new"),
    **dict.fromkeys(
        (
            *("established", "existing", "existing patient", "established patient", "established pt", "existing pt"),
            *("returning", "returning patient", "current", "current patient", "follow up"),
        ),
        "established",
    ),
}
TIMEFRAMES: Mapping[str, str] = {
    **dict.fromkeys(("asap", "as soon as possible", "urgent", "now", "immediately"), "asap"),
    **dict.fromkeys(("within 24h", "today", "within 24 hours", "within a day"), "within_24h"),
    **dict.fromkeys(("within week", "this week", "within a week", "1 week"), "within_week"),
    **dict.fromkeys(("within month", "this month", "within a month"), "within_month"),
    **dict.fromkeys(("later", "more than a month", "just looking", "not sure"), "later"),
}
PARTS_OF_DAY: Mapping[str, str] = {
    **dict.fromkeys(("morning", "mornings", "in the morning", "am", "a m", "before noon", "mañana"), "morning"),
    **dict.fromkeys(("afternoon", "afternoons", "in the afternoon", "pm", "p m", "after noon", "tarde"), "afternoon"),
}
RELATIONS: Mapping[str, str] = {
    **dict.fromkeys(("self", "me", "myself"), "self"),
    **dict.fromkeys(_PARTNERS + _KIN + _SIBLINGS, "family"),
    **dict.fromkeys(("provider office", "provider", "doctor", "physician", "clinic"), "provider_office"),
    **dict.fromkeys(("coordinator", "care coordinator", "case manager", "social worker"), "coordinator"),
}
