"""The tenant of the measurements: the cast's Harbor Health with a crowd of fifty colleagues in its teams."""

import secrets

from apps.accounts.models import ApiKey
from apps.onboarding.file.applying import apply
from apps.onboarding.file.reading import read_file
from apps.tenancy.clock import travelling
from tests.cast import FOUNDED, ROOT, Tenant

#: Who joins which teams, beside the people that the cast has anyhow.
JOINING = {
    "elm-calls": 8,
    "oak-calls": 4,
    "evanston-calls": 5,
    "central-intake": 5,
    "ortho-intake": 2,
    "patient-services": 3,
}


def crowded_tenant() -> Tenant:
    """Make the tenant; its keys may post as fast as they can."""
    mark = secrets.token_hex(4)
    slug, domain = f"harbor-{mark}", f"{mark}.example"
    text = (ROOT / "demo" / "harbor.yaml").read_text(encoding="utf-8")
    text = text.replace("\npeople:\n", f"\npeople:\n{_people()}").replace("@harbor.example", f"@{domain}")
    text = text.replace("slug: harbor-", f"slug: {slug}-").replace("slug: harbor\n", f"slug: {slug}\n")
    reading = read_file(text, f"{slug}.yaml")
    if reading.file is None:
        raise RuntimeError(reading.faults)
    with travelling(to=FOUNDED):
        applied = apply(reading.file)
    tenant = Tenant(slug, applied.organization_id, {each.name: each.secret for each in applied.secrets}, domain)
    with tenant.scope():
        ApiKey.rows().update(per_minute=10_000_000)
    return tenant


def _people() -> str:
    lines = [
        f"  - {{email: {team}-{number}@harbor.example, name: Colleague {number} of {team}, role: agent,"
        f" teams: [{team}], skills: [en]}}\n"
        for team, count in JOINING.items()
        for number in range(1, count + 1)
    ]
    return "".join(lines)
