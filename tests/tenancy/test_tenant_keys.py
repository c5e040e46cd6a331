"""A tenant's own keys: wrapped by the master or a key service, given anew while posts go on, and destroyed."""

import base64
import json
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, connections

from apps.leads.models import TimelineEntry
from apps.tenancy import rewrapping, tenant_keys
from apps.tenancy.models import TenantKey
from apps.tenancy.sealing import CannotUnseal, seal, unseal
from apps.tenancy.wrapping import CannotUnwrap, KeyService
from leadcrm.settings.connections import database_config
from tests.cast import Tenant
from tests.leads_made import make_lead

TOKEN = "s.operator"


class Transit(BaseHTTPRequestHandler):
    """A transit engine as Vault's: encrypt and decrypt with associated data, under a key of its own."""

    cipher = AESGCM(AESGCM.generate_key(256))
    asked: list[str] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(self.path)
        bound = base64.b64decode(body["associated_data"])
        status, told = 403, {"errors": ["permission denied"]}
        if self.headers["X-Vault-Token"] == TOKEN and self.path == "/v1/transit/encrypt/leadcrm":
            nonce = os.urandom(12)
            sealed = nonce + self.cipher.encrypt(nonce, base64.b64decode(body["plaintext"]), bound)
            status, told = 200, {"data": {"ciphertext": f"vault:v1:{base64.b64encode(sealed).decode()}"}}
        elif self.headers["X-Vault-Token"] == TOKEN and self.path == "/v1/transit/decrypt/leadcrm":
            sealed = base64.b64decode(body["ciphertext"].split(":")[2])
            try:
                plain = self.cipher.decrypt(sealed[:12], sealed[12:], bound)
                status, told = 200, {"data": {"plaintext": base64.b64encode(plain).decode()}}
            except Exception:
                status, told = 400, {"errors": ["cipher: message authentication failed"]}
        content = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def transit(folder: Path) -> Iterator[tuple[str, str]]:
    """Serve the engine over TLS; yield its address and the file of its authority."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kms")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, authority = folder / "kms.pem", folder / "authority.pem"
    authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(secret + authority.read_bytes())
    server, context = ThreadingHTTPServer(("127.0.0.1", 0), Transit), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}/v1/transit", str(authority)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.row("PH-07")
def test_a_key_service_wraps_the_tenants_keys(harbor: Tenant, settings: object, tmp_path: Path, owner: None) -> None:
    place = {"organization_id": harbor.organization_id, "row_id": uuid4(), "column": "a.b"}
    before = seal(b"before the service", **place)
    with transit(tmp_path) as (url, authority):
        settings.LEADCRM_KEY_SERVICE, settings.LEADCRM_KEY_SERVICE_CA = url, authority
        settings.LEADCRM_KEY_SERVICE_KEY, settings.LEADCRM_KEY_SERVICE_TOKEN = "leadcrm", TOKEN
        with harbor.scope():
            assert tenant_keys.add_key(harbor.organization_id) == 2
            row = TenantKey.rows().get(generation=2)
            sealed = seal(b"said", **place)
            assert row.wrapped.startswith("vault:v1:") and sealed[:3] == b"\0\0\2"
        tenant_keys._opened.cache_clear()
        assert unseal(sealed, **place) == b"said", "the key comes back from the service"
        assert unseal(before, **place) == b"before the service", "keys of both keepers are readable"
        verbs = [path.split("/")[3] for path in Transit.asked]
        assert verbs == ["encrypt", "decrypt", "decrypt"], "a process asks once for a key"
        call_command("keys", "rewrap", "--by-master", tenant=harbor.slug)
        with harbor.scope():
            assert all(each.wrapped.startswith("master:1:") for each in TenantKey.rows()), "and back to the environment"
        assert unseal(sealed, **place) == b"said"
        call_command("keys", "rewrap", tenant=harbor.slug)
        with harbor.scope():
            row = TenantKey.rows().get(generation=2)
        service = KeyService(url, "leadcrm", TOKEN, authority)
        with pytest.raises(CannotUnwrap, match="refused \\(400\\)"):
            service.unwrap(row.wrapped, uuid4())
        with pytest.raises(CannotUnwrap, match="refused \\(403\\)"):
            KeyService(url, "leadcrm", "stolen", authority).unwrap(row.wrapped, harbor.organization_id)
        with pytest.raises(CannotUnwrap, match="SSLCertVerificationError"):
            KeyService(url, "leadcrm", TOKEN).unwrap(row.wrapped, harbor.organization_id)
    tenant_keys._opened.cache_clear()
    with pytest.raises(CannotUnseal, match="cannot be reached"):
        unseal(sealed, **place)
    settings.LEADCRM_KEY_SERVICE = ""
    with pytest.raises(CannotUnseal, match="not set up"):
        unseal(sealed, **place)
    for wrong in (("http://kms.example/v1/transit", "leadcrm", TOKEN), ("https://kms.example", "leadcrm", "")):
        with pytest.raises(ImproperlyConfigured):
            KeyService(*wrong)


@pytest.fixture
def owner(settings: object) -> Iterator[None]:
    """Let this process be the owner's, as a command of the operator is."""
    kept, settings.LEADCRM_OWNER_RUN = connections["default"], True
    config = {**connections.databases["default"], **database_config(os.environ["DATABASE_OWNER_URL"])}
    connections["default"] = type(kept)(config, "default")
    yield
    connections["default"].close()
    connections["default"] = kept


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.row("PH-07")
def test_a_rotation_that_was_killed_is_taken_up_again_and_a_destroyed_key_opens_nothing(
    harbor: Tenant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], owner: None
) -> None:
    lead, whole = make_lead(harbor), rewrapping._batch
    done: list[int] = []

    def killed(*args: object) -> object:
        found = whole(*args)
        done.append(found[0])
        if sum(done) > 6:
            raise Killed
        return found

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(rewrapping, "_batch", killed)
        rewrapping.rotate(connection, harbor.organization_id, batch=3)
    with harbor.scope():
        assert TenantKey.rows().get(generation=2).rotated_at is None
        assert [each.sentence for each in TimelineEntry.rows().filter(lead=lead)], "both generations are readable"
    call_command("keys", "rotate", tenant=harbor.slug, batch=50)
    said = capsys.readouterr().out
    assert "values sealed anew" in said and "to seal anew" not in said and "the tenant's key 1" not in said
    with harbor.scope():
        assert [each.generation for each in TenantKey.rows().order_by("generation")] == [1, 2], "no third one"
        assert TenantKey.rows().get(generation=2).rotated_at is not None
    with pytest.raises(CommandError, match="twice"):
        call_command("keys", "shred", tenant=harbor.slug, confirm="another")
    call_command("keys", "shred", tenant=harbor.slug, confirm=harbor.slug)
    with harbor.scope(), pytest.raises(CannotUnseal, match="destroyed"):
        TimelineEntry.rows().filter(lead=lead)[0].sentence  # noqa: B018 (reading opens it)
    with pytest.raises(CannotUnseal, match="destroyed"):
        seal(b"more", organization_id=harbor.organization_id, row_id=uuid4(), column="a.b")
    with pytest.raises(CommandError, match="cannot be opened"):
        call_command("keys", "status", tenant=harbor.slug)
