"""What every way in must ask or be told: consent with opt-outs, and how somebody wants to be contacted (row CN-02)."""

from apps.tenancy.errors import Problem

CONSENT_FIELDS = frozenset({"consent_any", "consent_call", "consent_text", "consent_email"})
PREFERRED = "preferred_channel"


def consent_problems(*asked: str) -> list[Problem]:
    """Name what a way in lacks of consent, opt-outs and the preferred method, by the fields that it asks (row CN-02).

    The field of a consent tells an opt-out too: it is granted, denied or withdrawn for each channel.
    """
    found = []
    if not CONSENT_FIELDS & set(asked):
        sentence = "Ask for consent and opt-outs: add “Consent” to its fields."
        found.append(Problem("/initial_fields", "consent_not_asked", sentence))
    if PREFERRED not in asked:
        sentence = "Ask how they want to be contacted: add “Preferred channel” to its fields."
        found.append(Problem("/initial_fields", "preferred_not_asked", sentence))
    return found
