"""The proof of work of public forms (ALTCHA, version 2 of its protocol): ask for one, and check one.

A browser works about a second on it, a person notices nothing, and sending thousands gets dear. It asks no
third party and sets no cookie. A challenge is signed and holds for one form and two hours.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import altcha
from django.utils.crypto import salted_hmac

from apps.capture.screening import Proof

ALGORITHM = "PBKDF2/SHA-256"
ROUNDS = 1000
LEAST_TRIES, MOST_TRIES = 200, 800
HOLDS = timedelta(hours=2)
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Proven:
    """What became of a proof; `id` names the challenge."""

    proof: Proof
    id: str = ""


def challenge(slug: str, now: datetime) -> Mapping[str, Any]:
    """Return a fresh challenge for a form."""
    tries = LEAST_TRIES + secrets.randbelow(MOST_TRIES - LEAST_TRIES)
    made = altcha.create_challenge(
        ALGORITHM,
        ROUNDS,
        counter=tries,
        expires_at=now + HOLDS,
        data={"form": slug},
        hmac_secret=_secret(),
    )
    plain: dict[str, Any] = made.to_dict()
    return plain


def check(text: str, slug: str) -> Proven:
    """Judge what a browser sent; nothing is no proof, everything that does not fit is a wrong one."""
    if not text:
        return Proven(Proof.MISSING)
    try:
        payload = altcha.Payload.from_base64(text[:LONGEST])
        parameters = payload.challenge.parameters
        is_ours = (parameters.data or {}).get("form") == slug and parameters.cost == ROUNDS
        is_good = is_ours and altcha.verify_solution(payload, _secret()).verified
    except (ValueError, KeyError, TypeError, AttributeError):
        return Proven(Proof.WRONG)
    return Proven(Proof.SOLVED, str(parameters.nonce)) if is_good else Proven(Proof.WRONG)


def _secret() -> str:
    return salted_hmac("leadcrm.form.proof", "challenge", algorithm="sha256").hexdigest()
