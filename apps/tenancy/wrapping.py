"""What wraps the tenants' data keys: the master key of the environment, or a key service spoken to over HTTPS.

A wrapped key is a text that names who wrapped it (`master:2:…`, `vault:v1:…`), so that keys of both kinds stay readable
while an operator moves from one to the other. Each is bound to its tenant: wrapped for another, it does not open.
The key service is HashiCorp Vault's or OpenBao's transit engine: encrypt and decrypt with associated data.
"""

import base64
import http.client
import json
import os
import ssl
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.tenancy.master_keys import NONCE_BYTES, derived, ring_of

TIMEOUT_SECONDS, MOST_BYTES = 5, 20_000
MASTER, VAULT = "master", "vault"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class CannotUnwrap(Exception):
    """The key was wrapped for another tenant, by a key that is gone, or the key service does not answer."""


class Wrapping(Protocol):
    """Somebody who keeps the key that wraps data keys (32 bytes each)."""

    def wrap(self, key: bytes, organization_id: UUID) -> str:
        """Return the key as a text that only this keeper can open. Raises CannotUnwrap when it cannot be reached."""

    def unwrap(self, wrapped: str, organization_id: UUID) -> bytes:
        """Return the key. Raises CannotUnwrap."""

    def is_newest(self, wrapped: str) -> bool:
        """Say whether a text needs no wrapping anew; a keeper that cannot tell says no."""


class EnvironmentMaster:
    """The ring of `LEADCRM_MASTER_KEY`: wraps under its newest generation."""

    def wrap(self, key: bytes, organization_id: UUID) -> str:
        """Seal the key under the newest generation."""
        ring, nonce = settings.LEADCRM_MASTER_KEY, os.urandom(NONCE_BYTES)
        generation = max(ring_of(ring))
        body = _cipher(ring, generation).encrypt(nonce, key, organization_id.bytes)
        return f"{MASTER}:{generation}:{base64.b64encode(nonce + body).decode()}"

    def unwrap(self, wrapped: str, organization_id: UUID) -> bytes:
        """Open the key with the generation that it names."""
        _, generation, encoded = wrapped.split(":")
        ring, sealed = settings.LEADCRM_MASTER_KEY, base64.b64decode(encoded)
        if int(generation) not in ring_of(ring):
            raise CannotUnwrap(f"master key {generation} is not in the ring")
        try:
            return _cipher(ring, int(generation)).decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], organization_id.bytes
            )
        except InvalidTag as error:
            raise CannotUnwrap("the key was altered or belongs to another tenant") from error

    def is_newest(self, wrapped: str) -> bool:
        """Compare the generations."""
        return wrapped.startswith(f"{MASTER}:{max(ring_of(settings.LEADCRM_MASTER_KEY))}:")


class KeyService:
    """A transit engine: its key never leaves it, and each use of it can be refused and logged there.

    `url` is the engine's own address (`https://vault.example:8200/v1/transit`). Only https, but on this machine.
    """

    def __init__(self, url: str, name: str, token: str, authority: str = "") -> None:
        place = urlsplit(url)
        if place.scheme != "https" and not (place.scheme == "http" and place.hostname in _LOOPBACK):
            raise ImproperlyConfigured("LEADCRM_KEY_SERVICE is spoken to over https only.")
        if not (place.hostname and name and token):
            raise ImproperlyConfigured("LEADCRM_KEY_SERVICE needs a host, the key's name and a token.")
        self._place, self._name, self._token, self._authority = place, name, token, authority

    def wrap(self, key: bytes, organization_id: UUID) -> str:
        """Let the service encrypt the key."""
        told = self._ask("encrypt", {"plaintext": base64.b64encode(key).decode(), **_bound(organization_id)})
        return str(told["ciphertext"])

    def unwrap(self, wrapped: str, organization_id: UUID) -> bytes:
        """Let the service decrypt the key."""
        key = base64.b64decode(self._ask("decrypt", {"ciphertext": wrapped, **_bound(organization_id)})["plaintext"])
        if len(key) != 32:
            raise CannotUnwrap("the key service gave something else than a key")
        return key

    def is_newest(self, wrapped: str) -> bool:
        """Leave it to the service: what is asked for is wrapped anew."""
        return False

    def _ask(self, verb: str, body: dict[str, str]) -> dict[str, Any]:
        """Post and return what the service tells; nothing of it is logged, and no redirection is followed."""
        headers = {"X-Vault-Token": self._token, "Content-Type": "application/json"}
        line = self._line()
        try:
            line.request("POST", f"{self._place.path.rstrip('/')}/{verb}/{self._name}", json.dumps(body), headers)
            answer = line.getresponse()
            content = answer.read(MOST_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise CannotUnwrap(f"the key service cannot be reached ({type(error).__name__})") from error
        finally:
            line.close()
        if answer.status != 200:
            raise CannotUnwrap(f"the key service refused ({answer.status})")
        try:
            told: dict[str, Any] = json.loads(content)["data"]
        except (ValueError, KeyError) as error:
            raise CannotUnwrap("the key service answered something else than JSON with data") from error
        return told

    def _line(self) -> http.client.HTTPConnection:
        host, port = str(self._place.hostname), self._place.port
        if self._place.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        context = ssl.create_default_context(cafile=self._authority or None)
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)


def keeper() -> Wrapping:
    """Return who wraps new keys: the key service where one is set, else the master key of the environment."""
    return _service() if settings.LEADCRM_KEY_SERVICE else EnvironmentMaster()


def keeper_of(wrapped: str) -> Wrapping:
    """Return who can open a wrapped key. Raises CannotUnwrap when that keeper is not set up."""
    kind = wrapped.partition(":")[0]
    if kind == MASTER:
        return EnvironmentMaster()
    if kind == VAULT and settings.LEADCRM_KEY_SERVICE:
        return _service()
    raise CannotUnwrap("the key was wrapped by a key service that is not set up here")


def _service() -> KeyService:
    return KeyService(
        settings.LEADCRM_KEY_SERVICE,
        settings.LEADCRM_KEY_SERVICE_KEY,
        settings.LEADCRM_KEY_SERVICE_TOKEN,
        settings.LEADCRM_KEY_SERVICE_CA,
    )


def _bound(organization_id: UUID) -> dict[str, str]:
    return {"associated_data": base64.b64encode(organization_id.bytes).decode()}


def _cipher(ring: str, generation: int) -> AESGCM:
    return AESGCM(derived(ring, generation, "tenant-keys"))
