"""What invented people ask for: varied, with the repeats, gaps and slips that real intake sees."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from apps.onboarding.simulation.people import Invented, invent_person, vary

#: Service, how often it is asked for, and what people write about it.
_WISHES = (
    (
        "imaging",
        30,
        (
            "MRI before surgery",
            "Need a CT scan, my doctor sent an order",
            "Ultrasound this week?",
            "Necesito una resonancia",
        ),
    ),
    (
        "orthopedics",
        25,
        (
            "Before my race in June, what are next steps?",
            "Knee gives way on stairs",
            "Second opinion on hip surgery",
            "Me duele la rodilla",
        ),
    ),
    ("dermatology", 15, ("Skin check", "A rash that does not go away", "Cita para dermatología")),
    ("cardiology", 10, ("Family history, want to schedule a check", "Stress test appointment")),
    ("cosmetic", 8, ("Consult about options", "What happens at the first visit?")),
    ("bariatrics", 6, ("Program seminar dates?", "Is there a program for me?")),
    ("", 6, ("How much is it? Tell me more", "What does it cost without insurance?", "Please call me")),
)
_LOCATIONS = {"elm-st": 4, "oak-park": 2, "evanston": 2, "": 3}
_TIMEFRAMES = {"asap": 1, "within_24h": 1, "within_week": 4, "within_month": 6, "later": 3, "": 5}
_PAGES = ("IMG-01", "ORT-01", "DRM-01", "SCR-01", "")
_PAYERS = ("Acme Health", "Blue Prairie", "Self pay", "")
_BEST = ("mornings", "afternoons", "evenings", "12-14", "")
_TEXTS = {
    "call": "I agree to be called about my request.",
    "text": "I agree to get text messages about my request. Reply STOP at any time.",
    "email": "I agree to get e-mail about my request.",
}
_FAULTS = (
    "no_consent",
    "bad_phone",
    "no_phone",
    "no_location",
    "opt_out",
    "blank",
    "bad_email",
    "calls_denied",
    "emergency",
)
MEMORY = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """One inquiry: who asks, for what, and with which permissions."""

    person: Invented
    kind: str
    service: str
    location: str
    patient_type: str
    timeframe: str
    message: str
    preferred_channel: str
    best_time: str
    payer: str
    landing_page: str
    permissions: dict[str, str]
    captured_at: datetime


@dataclass(slots=True)
class Crowd:
    """Invents inquiries from one dice, so that the same seed brings the same people in the same order."""

    dice: Random
    _seen: deque[Wish] = field(default_factory=lambda: deque(maxlen=MEMORY))

    def next_wish(self, now: datetime | None = None) -> Wish:
        """Return the next inquiry: mostly somebody new, sometimes somebody again, sometimes faulty."""
        at = now or datetime.now(UTC)
        roll = self.dice.random()
        if roll < 0.14 and self._seen:
            before = self.dice.choice(self._seen)
            return replace(before, kind="again", person=vary(before.person, self.dice), captured_at=at)
        wish = self._new_wish(at)
        if roll < 0.38:
            wish = self._spoil(wish)
        self._seen.append(wish)
        return wish

    def _new_wish(self, at: datetime) -> Wish:
        dice = self.dice
        service, _, messages = dice.choices(_WISHES, weights=[each[1] for each in _WISHES])[0]
        return Wish(
            person=invent_person(dice),
            kind="new",
            service=service,
            location=_weighted(dice, _LOCATIONS),
            patient_type=_weighted(dice, {"new": 7, "established": 2, "": 1}),
            timeframe=_weighted(dice, _TIMEFRAMES),
            message=dice.choice((*messages, "")),
            preferred_channel=_weighted(dice, {"call": 6, "text": 2, "email": 2}),
            best_time=dice.choice(_BEST),
            payer=dice.choice(_PAYERS),
            landing_page=dice.choice(_PAGES),
            permissions={channel: "granted" for channel in _TEXTS if dice.random() < 0.85},
            captured_at=at,
        )

    def _spoil(self, wish: Wish) -> Wish:
        """Return the inquiry with one of the faults of daily life."""
        person = wish.person
        kind = self.dice.choice(_FAULTS)
        changed: dict[str, Any] = {"kind": kind}
        if kind == "no_consent":
            changed["permissions"] = {}
        elif kind == "calls_denied":
            changed["permissions"] = {"call": "denied", "email": "granted"}
        elif kind == "bad_phone":
            changed["person"] = replace(person, phone=self.dice.choice(("555-01", "12", "000-000-0000")))
        elif kind == "no_phone":
            changed["person"] = replace(person, phone="")
        elif kind == "bad_email":
            changed["person"] = replace(person, email=person.email.replace("@", " at "))
        elif kind == "no_location":
            changed.update(location="", person=replace(person, city="", postal_code=""))
        elif kind == "opt_out":
            changed["message"] = self.dice.choice(("STOP calling me", "Please unsubscribe", "ALTO"))
        elif kind == "emergency":
            changed["message"] = "my chest hurts since this morning"
        else:
            nobody = replace(person, first_name="", last_name="", phone="", email="", city="", postal_code="")
            changed.update(person=nobody, service="", location="", message="", permissions={})
        return replace(wish, **changed)


def delivery_of(wish: Wish, source: str, external_id: str) -> dict[str, Any]:
    """Return an inquiry as an agency delivers it to `POST /api/v1/leads`."""
    person, at = wish.person, wish.captured_at.isoformat().replace("+00:00", "Z")
    return {
        "external_id": external_id,
        "source": source,
        "submitted_at": at,
        "capture_method": "web_form",
        "person": _filled(
            first_name=person.first_name,
            last_name=person.last_name,
            email=person.email,
            phone=person.phone,
            postal_code=person.postal_code,
            city=person.city,
            region="IL" if person.postal_code.startswith("60") else "",
            preferred_language=person.language,
        ),
        "request": _filled(
            service=wish.service,
            location=wish.location,
            patient_type=wish.patient_type,
            timeframe=wish.timeframe,
            message=wish.message,
            preferred_channel=wish.preferred_channel,
            best_time=wish.best_time,
        ),
        "insurance": _filled(payer=wish.payer),
        "consent": [
            {
                "channel": channel,
                "purpose": "care_inquiry",
                "state": state,
                "text": _TEXTS[channel],
                "text_version": "v4",
                "captured_at": at,
                "ip": "203.0.113.7",
                "page_url": "https://example.com/request",
            }
            for channel, state in wish.permissions.items()
        ],
        "attribution": _filled(utm_source="google", utm_medium="cpc", landing_page=wish.landing_page),
    }


def answers_of(wish: Wish) -> dict[str, str]:
    """Return an inquiry as somebody would fill in a public form, by the usual names of its fields."""
    person = wish.person
    answers = _filled(
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        phone=person.phone,
        postal_code=person.postal_code,
        city=person.city,
        language=person.language,
        service=wish.service,
        location=wish.location,
        patient_type=wish.patient_type,
        timeframe=wish.timeframe,
        message=wish.message,
        preferred_channel=wish.preferred_channel,
        best_time=wish.best_time,
        payer=wish.payer,
    )
    return answers | {f"consent_{channel}": "on" for channel, state in wish.permissions.items() if state == "granted"}


def _weighted(dice: Random, words: Mapping[str, int]) -> str:
    return dice.choices(list(words), weights=list(words.values()))[0]


def _filled(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
