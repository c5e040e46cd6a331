"""Making the demo tenants: their files applied, passwords and second factors set, all of it kept.

A file is applied once, and again when its text has changed: what people set in the admin meanwhile
stays. A second run keeps what the first one made: passwords, second factors and keys stay as long as
they are known and work. What is lost, or was changed by hand, is made anew, so that the kept file is
always true.
"""

import hashlib
import secrets
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from apps.accounts.keys import digest_of, roll_key
from apps.accounts.models import ApiKey, Membership, TeamMembership, User
from apps.capture.form_terms import FormKind, FormLayout
from apps.catalog.models import Source
from apps.connectors.addresses import add_secret
from apps.connectors.models import Connection
from apps.connectors.providers import providers
from apps.connectors.queries import connections, secrets_of
from apps.onboarding.actions.organization import organization_id_of
from apps.onboarding.demo.groups import make_demo_group
from apps.onboarding.demo.keeping import Demo, DemoKey, DemoUser, read_demo, write_demo
from apps.onboarding.demo.second_factor import keep_second_factor
from apps.onboarding.demo.slots import tell_demo_slots
from apps.onboarding.file.applying import Applied, apply, existing_keys, form_url, hook_url
from apps.onboarding.file.reading import read_file
from apps.onboarding.file.schema import FormPart, TenantFile
from apps.onboarding.file.sections.forms import export_forms
from apps.onboarding.file.sections.people import active_keys
from apps.onboarding.terms import Changes, FileRefused
from apps.tenancy.actor import Door, system_actor
from apps.tenancy.clock import database_now
from apps.tenancy.scope import tenant_scope

FILES = ("harbor.yaml", "lakeside.yaml")


def make_demo() -> Demo:
    """Apply the demo files that are new or changed and keep what came of them.

    Raises FileRefused with the faults of a file.
    """
    known = read_demo()
    demo = Demo(base_url=settings.LEADCRM_BASE_URL)
    for name in FILES:
        path = Path(settings.ROOT) / "demo" / name
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        applied = _standing(known, digest) or apply(_read(path))
        of_tenant = {"slug": applied.slug, "name": applied.name, "id": str(applied.organization_id)}
        demo.tenants.append({**of_tenant, "digest": digest})
        with tenant_scope(applied.organization_id):
            tell_demo_slots(database_now())
            make_demo_group(database_now())
            demo.users += _users(applied, known)
            demo.api_keys += _keys(applied, known)
            demo.hooks += [_hook(applied, row) for row in connections()]
            demo.forms += [_form(applied.slug, form) for form in export_forms() if _is_simple(form)]
    write_demo(demo)
    return demo


def _standing(known: Demo, digest: str) -> Applied | None:
    """Return the tenant that an earlier run made of the same file, as it stands."""
    for each in known.tenants:
        organization_id = organization_id_of(each["slug"])
        if each.get("digest") == digest and organization_id is not None and str(organization_id) == each["id"]:
            return Applied(organization_id, each["slug"], each["name"], Changes(), {}, (), (), {})
    return None


def _read(path: Path) -> TenantFile:
    reading = read_file(path.read_text(encoding="utf-8"), path.name)
    if reading.file is not None:
        known = existing_keys(reading.file.organization.slug)
        reading = read_file(path.read_text(encoding="utf-8"), path.name, known=known)
    if reading.file is None or reading.faults:
        raise FileRefused(reading.faults)
    return reading.file


def _users(applied: Applied, known: Demo) -> list[DemoUser]:
    passwords = {user.email: user.initial_password for user in applied.users if user.initial_password}
    teams: dict[object, list[str]] = {}
    for place in TeamMembership.rows().select_related("team").order_by("team__key"):
        teams.setdefault(place.membership_id, []).append(place.team.key)
    rows = Membership.rows().filter(is_active=True).select_related("user", "role").order_by("user__email")
    return [
        DemoUser(
            email=row.user.email,
            name=row.user.name,
            tenant=applied.slug,
            role=row.role.key,
            teams=teams.get(row.id, []),
            password=_password(row.user, passwords, known),
            totp_secret=keep_second_factor(row.user),
        )
        for row in rows
    ]


def _password(user: User, made: dict[str, str], known: Demo) -> str:
    """Return the password: just made, known from before, or a new one where nobody knows it any more."""
    if user.email in made:
        return made[user.email]
    before = known.user(user.email)
    if before is not None and before.password and user.check_password(before.password):
        return before.password
    password = secrets.token_urlsafe(15)
    user.set_password(password)
    user.save(update_fields=["password"])
    return password


def _keys(applied: Applied, known: Demo) -> list[DemoKey]:
    made = {each.name: each.secret for each in applied.secrets}
    sources: dict[str, list[str]] = {}
    for source in Source.rows().filter(is_active=True, party__isnull=False).select_related("party"):
        sources.setdefault(source.party.key, []).append(source.key)
    return [
        DemoKey(
            name=row.name,
            tenant=applied.slug,
            party=row.party.key if row.party else "",
            mode=row.mode,
            secret=made.get(row.name) or _secret(row, applied, known),
            scopes=list(row.scopes),
            sources=sorted(sources.get(row.party.key, [])) if row.party else [],
        )
        for row in active_keys()
    ]


def _secret(row: ApiKey, applied: Applied, known: Demo) -> str:
    """Return a key's secret from before; where it is lost, the key is rolled at once."""
    before = known.key(applied.slug, row.name)
    if before is not None and digest_of(before.secret) == row.digest:
        return before.secret
    actor = system_actor(applied.organization_id, label="demo", door=Door.COMMAND)
    return roll_key(actor=actor, key_id=row.id, overlap=timedelta(), now=database_now()).secret


def _hook(applied: Applied, row: Connection) -> dict[str, str]:
    """Return a sender's address with the secret it signs with; a sender without one gets a made-up one."""
    if providers()[row.provider].proof_hint and not secrets_of(row):
        actor = system_actor(applied.organization_id, label="demo", door=Door.COMMAND)
        add_secret(actor=actor, row=row, secret=secrets.token_urlsafe(24), now=database_now())
    named = {"tenant": applied.slug, "key": row.key, "provider": row.provider, "url": hook_url(row)}
    return named | {"secret": next(iter(secrets_of(row)), "")}


def _is_simple(form: FormPart) -> bool:
    """Say whether the form is asked on one page and opens an inquiry, which is what the simulator fills in."""
    return form.is_published and form.layout == FormLayout.ONE_PAGE and form.kind == FormKind.INQUIRY


def _form(tenant: str, form: FormPart) -> dict[str, object]:
    return {
        "tenant": tenant,
        "slug": form.slug,
        "title": form.title,
        "url": form_url(form.slug),
        "services": list(form.services),
    }
