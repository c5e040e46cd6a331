"""Applying a tenant file: rows, idempotence, groups and seats, keys once, nothing half done."""

import json
import secrets
import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.keys import digest_of
from apps.accounts.models import ApiKey, Membership, Role, Seat, Team, TeamMembership, User
from apps.accounts.saving import save_row
from apps.audit.models import AuditEntry
from apps.capture.form_models import Form
from apps.catalog.models import Offering, Queue
from apps.connectors.models import Connection
from apps.leads.models import Stage
from apps.onboarding.actions.organization import organization_id_of
from apps.onboarding.demo.keeping import read_demo
from apps.onboarding.demo.second_factor import code_of
from apps.onboarding.file.applying import Applied, apply, existing_keys
from apps.onboarding.file.differing import differences
from apps.onboarding.file.exporting import export, export_tenant, normalised
from apps.onboarding.file.reading import read_file
from apps.onboarding.file.schema import TenantFile
from apps.onboarding.terms import FileRefused
from apps.policies.models import RuleSetVersion
from apps.tenancy.errors import Refused
from apps.tenancy.models import Address
from apps.tenancy.scope import tenant_scope
from tests.cast import Tenant

TINY = """
organization: {slug: MARK, name: Tiny}
roles:
  - {key: agent, name: Agent, permissions: [lead:view, lead:edit]}
  - {key: boss, name: Boss, permissions: [lead:view, admin:use]}
parties: [{key: ads, name: Ads, kind: agency}]
calendars:
  - {key: c, name: C, zone: America/Chicago, hours: ["mon-fri 08:00-17:00"],
     holidays: [{day: 2026-12-25, name: X}]}
locations:
  - {key: l, name: L, city: X, region: IL, postal_code: "60614", latitude: 41.9, longitude: -87.6,
     calendar: c}
services: [{key: s, name: S, at: [l]}]
teams:
  - {key: a, name: A, function: intake, covers: {locations: [l], services: [s]}}
  - {key: b, name: B, function: scheduling}
people:
  - {email: ann@MARK.example, name: Ann, role: agent, teams: [b, a], leads: [b]}
  - {email: bob@MARK.example, name: Bob, role: boss, teams: [b]}
queues:
  - {key: day, name: Day, team: a, calendar: c, location: l, after_hours: night}
  - {key: night, name: Night, team: b, calendar: c}
sources:
  - {key: unknown, name: U, type: unknown, channel: manual, start_event: form_submitted}
pipelines:
  - {key: patient, name: P, stages: [{key: new, label: New}, {key: routed, label: Routed}]}
wordings: [{channel: call, version: v1, text: yes I do}]
forms:
  - {slug: MARK-form, title: F, source: unknown, services: [s], consent_version: v1, what_happens_next: hi,
     is_published: true}
templates: [{key: thanks, subject: Hi, body: hi}]
api_keys: [{name: ads-1, party: ads, scopes: [delivery:post]}]
rules:
  ownership: {locked_fields: [stage], consent: {team: a}, stages: [{stage: routed, team: b}]}
  contact: {quiet_hours: {from: "21:00", until: "08:00"}, max_attempts_per_day: 3}
"""


class Tiny:
    """A small tenant under a fresh name, whose file a test changes and applies again."""

    def __init__(self) -> None:
        self.slug = f"t{secrets.token_hex(5)}"
        self.text = TINY.replace("MARK", self.slug)

    def file(self, *changes: tuple[str, str]) -> TenantFile:
        text = self.text
        for before, after in changes:
            assert before in text, before
            text = text.replace(before, after)
        reading = read_file(text, "tiny.yaml")
        assert reading.file is not None, reading.lines()
        assert not reading.faults, reading.lines()
        return reading.file

    def apply(self, *changes: tuple[str, str]) -> Applied:
        return apply(self.file(*changes))

    def write(self, folder: Path, *changes: tuple[str, str]) -> str:
        text = self.text
        for before, after in changes:
            text = text.replace(before, after)
        path = folder / "tiny.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)


@pytest.fixture
def tiny() -> Tiny:
    return Tiny()


def test_an_export_is_the_file_again_and_a_second_apply_changes_nothing(tiny: Tiny) -> None:
    first = tiny.apply()
    assert set(first.changes.counts) == {"created"}
    there = export_tenant(tiny.slug)
    assert there is not None
    usual = {"channels": [row for row in normalised(there)["channels"] if row["start_event"]]}
    assert len(usual["channels"]) == 9
    assert normalised(there) == normalised(tiny.file()) | usual
    assert differences(there, tiny.file()) == []
    with tenant_scope(first.organization_id):
        before = AuditEntry.rows().count()
    again = tiny.apply()
    assert again.changes.is_empty and again.ids == {name: ids for name, ids in first.ids.items() if name != "channels"}
    assert again.secrets == () and not any(user.initial_password for user in again.users)
    with tenant_scope(first.organization_id):
        assert AuditEntry.rows().count() == before


@pytest.mark.parametrize("name", ["harbor", "lakeside"])
def test_the_cast_is_exported_as_it_was_applied(name: str, request: pytest.FixtureRequest) -> None:
    tenant: Tenant = request.getfixturevalue(name)
    with tenant.scope():
        there = export()
    assert apply(there).changes.is_empty


def test_groups_and_seats_follow_memberships(tiny: Tiny) -> None:
    applied = tiny.apply()
    ann = User.objects.get(email=f"ann@{tiny.slug}.example")
    assert Seat.objects.filter(user=ann, organization_id=applied.organization_id).exists()
    with tenant_scope(applied.organization_id):
        groups = {team.key: team.group for team in Team.rows().select_related("group")}
        assert groups["a"].name == applied.ids["teams"]["a"]
        assert set(ann.groups.all()) == {groups["a"], groups["b"]}
        assert TeamMembership.rows().get(membership__user=ann, team__key="b").is_lead
    tiny.apply(("teams: [b, a], leads: [b]", "teams: [a]"))
    assert list(ann.groups.all()) == [groups["a"]]
    tiny.apply((f"  - {{email: ann@{tiny.slug}.example, name: Ann, role: agent, teams: [b, a], leads: [b]}}\n", ""))
    assert not ann.groups.exists()
    assert not Seat.objects.filter(user=ann).exists()
    with tenant_scope(applied.organization_id):
        assert not Membership.rows().get(user=ann).is_active


def test_a_person_of_two_tenants_keeps_the_groups_of_the_other(tiny: Tiny) -> None:
    first = tiny.apply()
    other = Tiny()
    ann = f"ann@{tiny.slug}.example"
    other.text = other.text.replace(f"ann@{other.slug}.example", ann)
    second = other.apply()
    user = User.objects.get(email=ann)
    assert user.groups.count() == 4
    assert {seat.organization_id for seat in user.seats.all()} == {
        first.organization_id,
        second.organization_id,
    }
    other.apply(("teams: [b, a], leads: [b]", "teams: []"))
    with tenant_scope(first.organization_id):
        assert set(user.groups.all()) == {team.group for team in Team.rows().select_related("group")}


def test_only_an_administrator_may_enter_admin(tiny: Tiny) -> None:
    tiny.apply()
    assert User.objects.get(email=f"bob@{tiny.slug}.example").is_staff
    assert not User.objects.get(email=f"ann@{tiny.slug}.example").is_staff


def test_a_key_is_made_once_and_its_secret_shown_once(tiny: Tiny) -> None:
    first = tiny.apply()
    (made,) = first.secrets
    with tenant_scope(first.organization_id):
        assert ApiKey.rows().get(name="ads-1").digest == digest_of(made.secret)
    assert Address.objects.filter(kind="api_key", organization_id=first.organization_id).count() == 1
    assert tiny.apply().secrets == ()


def test_what_is_not_named_is_switched_off_and_comes_back(tiny: Tiny) -> None:
    organization_id = tiny.apply().organization_id
    night = "  - {key: night, name: Night, team: b, calendar: c}\n"
    applied = tiny.apply((", after_hours: night", ""), (night, ""))
    assert applied.changes.lines == ["updated queue day", "deactivated queue night"]
    with tenant_scope(organization_id):
        assert not Queue.rows().get(key="night").is_active
    assert tiny.apply().changes.lines == ["updated queue night", "updated queue day"]


def test_a_section_left_out_is_left_alone(tiny: Tiny) -> None:
    organization_id = tiny.apply().organization_id
    reading = read_file(f"organization: {{slug: {tiny.slug}, name: Tinier}}\n", "t.yaml")
    assert reading.file is not None
    assert apply(reading.file).changes.lines == [f"updated organization {tiny.slug}"]
    with tenant_scope(organization_id):
        assert Team.rows().filter(is_active=True).count() == 2
    assert existing_keys(tiny.slug)["teams"] == {"a", "b"}


def test_a_stage_is_inserted_without_losing_one(tiny: Tiny) -> None:
    organization_id = tiny.apply().organization_id
    tiny.apply(("{key: routed, label: Routed}", "{key: triage, label: Triage}, {key: routed, label: Assigned}"))
    with tenant_scope(organization_id):
        rows = Stage.rows().order_by("position").values_list("key", "label")
        assert list(rows) == [("new", "New"), ("triage", "Triage"), ("routed", "Assigned")]


def test_rules_get_a_version_only_when_they_changed(tiny: Tiny) -> None:
    organization_id = tiny.apply().organization_id
    applied = tiny.apply(("max_attempts_per_day: 3", "max_attempts_per_day: 4"))
    assert applied.changes.lines == ["updated rules contact"]
    with tenant_scope(organization_id):
        rows = RuleSetVersion.rows().values_list("rule_set__kind", "number").order_by("rule_set__kind", "number")
        assert list(rows) == [("contact", 1), ("contact", 2), ("ownership", 1)]


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("consent: {team: a}", "consent: {team: zz}", ("rules", "ownership", "consent", "team")),
        ("max_attempts_per_day: 3", "max_attempts_per_day: 0", ("rules", "contact", "max_attempts_per_day")),
    ],
)
def test_a_faulty_rule_is_named_and_nothing_is_changed(
    tiny: Tiny, before: str, after: str, place: tuple[str, ...]
) -> None:
    with pytest.raises(FileRefused) as refused:
        tiny.apply((before, after), ("name: Tiny", "name: Changed"))
    assert [fault.path for fault in refused.value.faults] == [place]
    assert organization_id_of(tiny.slug) is None
    assert not User.objects.filter(email=f"ann@{tiny.slug}.example").exists()


def test_a_wording_once_used_is_never_changed(tiny: Tiny) -> None:
    tiny.apply()
    with pytest.raises(FileRefused) as refused:
        tiny.apply(("text: yes I do", "text: of course"))
    assert refused.value.faults[0].path == ("wordings", 0, "text")


def test_a_form_address_of_another_tenant_is_refused(tiny: Tiny) -> None:
    tiny.apply()
    other = Tiny()
    with pytest.raises(FileRefused) as refused:
        other.apply((f"slug: {other.slug}-form", f"slug: {tiny.slug}-form"))
    assert refused.value.faults[0].path == ("forms", 0, "slug")


def test_a_dry_run_tells_and_changes_nothing(tiny: Tiny) -> None:
    applied = apply(tiny.file(), dry_run=True)
    assert "created team a" in applied.changes.lines
    assert applied.secrets == () and organization_id_of(tiny.slug) is None


def test_every_change_is_in_the_ledger_under_the_commands_name(tiny: Tiny) -> None:
    organization_id = tiny.apply().organization_id
    with tenant_scope(organization_id):
        doors = set(AuditEntry.rows().values_list("door", "actor_kind", "actor_label"))
        actions = set(AuditEntry.rows().values_list("action", flat=True))
    assert doors == {("command", "system", "tenant file")}
    assert {"organization.create", "team.create", "key.create", "rules.install", "form.create"} <= actions


def test_only_people_who_may_change_settings_save_rows(harbor: Tenant) -> None:
    with pytest.raises(Refused), harbor.scope():
        save_row(Role, actor=harbor.actor("ana"), find={"key": "agent"}, values={"permissions": ["lead:view"]})


def test_offerings_are_what_the_file_says(harbor: Tenant) -> None:
    with harbor.scope():
        pairs = Offering.rows().filter(service__key="imaging").values_list("location__key", flat=True)
        assert set(pairs) == {"elm-st", "evanston"}


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out, skip_checks=True)
    return out.getvalue()


def test_the_command_applies_compares_exports_and_names_lines(
    tiny: Tiny, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tiny.write(tmp_path)
    told = json.loads(run("tenant", "apply", path, "--json"))
    assert told["organization"]["slug"] == tiny.slug
    assert told["api_keys"][0]["secret"].startswith("lk_live_")
    assert {"email", "initial_password"} == set(told["users"][0])
    assert told["forms"][0]["url"].endswith(f"/f/{tiny.slug}-form/")
    assert run("tenant", "diff", path).strip() == "no differences"
    assert run("tenant", "validate", path).strip().endswith(": good")
    exported = tmp_path / "exported.yaml"
    exported.write_text(run("tenant", "export", tiny.slug), encoding="utf-8")
    assert "0 created, 0 updated" in run("tenant", "apply", str(exported))
    bad = tiny.write(tmp_path, ("team: a, calendar: c, location: l", "team: nobody, calendar: c, location: l"))
    with pytest.raises(SystemExit) as ended:
        run("tenant", "apply", bad)
    assert ended.value.code == 1
    line = 1 + tiny.text[: tiny.text.index("key: day")].count("\n")
    assert f"{bad}:{line}: queues[0].team: there is no team “nobody”." in capsys.readouterr().err


def test_the_demo_keeps_sign_ins_and_makes_lost_ones_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setenv("LEADCRM_DATA_DIR", str(tmp_path))
    settings.LEADCRM_DEMO = True
    run("demo", "--apply")
    first = read_demo()
    ana = first.user("ana@harbor.example")
    assert ana is not None and ana.teams == ["elm-calls"]
    assert User.objects.get(email=ana.email).check_password(ana.password)
    assert run("demo", "--code", ana.email).strip() == code_of(ana.totp_secret)
    assert stat.S_IMODE((tmp_path / "demo.json").stat().st_mode) == 0o600
    organization_id = organization_id_of("harbor")
    assert organization_id is not None
    with tenant_scope(organization_id):
        Form.rows().filter(slug="harbor-derm").update(intro="Skin")
        Connection.rows().filter(key="call-numbers").update(mapping={"tags": "request.location"})
    run("demo", "--apply")
    with tenant_scope(organization_id):
        assert Form.rows().get(slug="harbor-derm").intro == "Skin", "a restart takes nothing back"
        assert Connection.rows().get(key="call-numbers").mapping == {"tags": "request.location"}
    assert read_demo() == first
    (tmp_path / "demo.json").unlink()
    run("demo", "--apply")
    again = read_demo().user(ana.email)
    assert again is not None and again.totp_secret == ana.totp_secret and again.password != ana.password
    with tenant_scope(organization_id):
        digests = set(ApiKey.rows().filter(replaced_by__isnull=True).values_list("digest", flat=True))
    assert {digest_of(key.secret) for key in read_demo().api_keys if key.tenant == "harbor"} == digests


@pytest.mark.parametrize("words", [("demo", "--apply"), ("demo", "--json"), ("simulate", "--count", "1")])
def test_no_demo_where_it_is_not_switched_on(words: tuple[str, ...], settings: Any) -> None:
    settings.LEADCRM_DEMO = False
    with pytest.raises(CommandError):
        run(*words)
