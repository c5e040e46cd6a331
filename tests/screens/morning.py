"""A tenant with a day behind it: leads of Monday that people worked, and those of Tuesday that wait now."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from urllib.parse import urlsplit
from uuid import UUID

from apps.appointments.models import Appointment
from apps.capture.forms import save_form
from apps.capture.models import FormVisit, Submission
from apps.catalog.models import Source
from apps.connectors.addresses import add_secret, open_connection
from apps.connectors.rehearsing import try_sample
from apps.flows.asking import ask_to_change
from apps.flows.booking import Visit, book_visit
from apps.flows.calls import Contact, log_call
from apps.flows.closing import close_lead
from apps.flows.merging import merge_people
from apps.flows.notes import add_note
from apps.flows.self_scheduling import send_scheduling_link
from apps.flows.splitting import SplitKind, split_off
from apps.flows.spoken_consent import spoken_question
from apps.identity.models import DuplicatePair
from apps.imports.actions import open_run, plan_of, set_plan
from apps.imports.terms import ImportKind
from apps.leads.models import Lead, Touch
from apps.onboarding.simulation.arrivals import Crowd, delivery_of
from apps.outreach.scheduling_links import make_link
from apps.outreach.terms import ActivityKind, Outcome
from apps.policies.actions import save_draft
from apps.policies.experiments import Proposal, approve, note_issue, propose
from apps.policies.models import RuleSetVersion
from apps.policies.queries import version_in_force
from apps.policies.testing import run_tests
from apps.tenancy.clock import travelling
from apps.tenancy.ids import new_id
from apps.tenancy.models import Wakeup
from tests.cast import Tenant
from tests.leads_made import consent, inquiry, make_lead, reload, send_in
from tests.rule_documents import put_rule, rules_of
from tests.vendors_made import name_vendor

#: A quarter past nine on a Tuesday in Chicago: the offices are open, the first hour lies behind them.
NOW = datetime(2026, 12, 1, 15, 14, tzinfo=UTC)
MONDAY_NOON = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)
TUESDAY_EIGHT = datetime(2026, 12, 1, 14, 1, tzinfo=UTC)
SEED = 11
SOURCES = {
    "imaging": ("web-imaging", "imaging-spring", "landing-pages"),
    "orthopedics": ("web-ortho", "landing-pages"),
    "dermatology": ("web-derm", "landing-pages"),
}
OUTCOMES = (Outcome.CONNECTED, Outcome.VOICEMAIL, Outcome.NO_ANSWER, Outcome.CONNECTED, Outcome.CALL_BACK)
#: The person of the pictures: complete, in the team that people look at first.
SHOWN = {"person__first_name": "Grace", "person__last_name": "Patel", "request__timeframe": "asap"}
#: Somebody who wants a time that providers give.
SKIN = {"person__first_name": "Odile", "request__service": "dermatology", "request__location": "evanston"}


@dataclass(frozen=True, slots=True)
class Morning:
    """What the screens show: the lead that is worked, its person, a draft of the routing rules."""

    tenant: Tenant
    lead_id: UUID
    person_id: UUID
    other_lead_id: UUID
    live_id: UUID
    draft_id: UUID
    rule_set_id: UUID
    connection_id: UUID
    import_id: UUID
    joined_url: str = "/"
    pair_url: str = "/duplicates/"
    open_pair_url: str = "/duplicates/"
    merge_url: str = "/people/"
    visit_url: str = "/leads/"
    schedule_url: str = "/b/x/"


#: Stands in where only the names of the screens are asked for.
NOWHERE = UUID(int=0)
NO_MORNING = Morning(Tenant("nobody", NOWHERE, {}, ""), *[NOWHERE] * 8)


def make_morning(tenant: Tenant, *, monday: int = 24, tuesday: int = 30) -> Morning:
    """Let the leads come and be worked; the same calls give the same people every time."""
    dice = Random(SEED)
    crowd = Crowd(dice)
    _arrive(tenant, crowd, dice, MONDAY_NOON, timedelta(minutes=11), monday)
    _work(tenant, dice, MONDAY_NOON + timedelta(hours=4, minutes=40))
    _arrive(tenant, crowd, dice, TUESDAY_EIGHT, timedelta(seconds=130), tuesday)
    shown = _shown(tenant)
    other = _of_oak_park(tenant)
    _odd(tenant)
    live, draft = _drafted(tenant)
    _tried(tenant)
    rows = live.id, draft.id, live.rule_set_id, _connected(tenant), _brought(tenant)
    open_pair = _open_pair(tenant)
    urls = *_wrongly_joined(tenant), open_pair, _wrongly_merged(tenant), _booked(tenant), _invited(tenant)
    return Morning(tenant, shown.id, shown.person_id, other.id, *rows, *urls)


def _arrive(tenant: Tenant, crowd: Crowd, dice: Random, start: datetime, every: timedelta, count: int) -> None:
    for number in range(count):
        at = start + every * number
        wish = crowd.next_wish(at)
        source = dice.choice(SOURCES.get(wish.service, ("landing-pages",)))
        send_in(tenant, delivery_of(wish, source, f"screen-{start:%d}-{number}"), at=at)
        tenant.drain(at + timedelta(seconds=5))


def _work(tenant: Tenant, dice: Random, now: datetime) -> None:
    """Let the owners of Monday's leads call: some are reached and booked, some closed, some not reached."""
    with tenant.scope():
        rows = (
            Lead.rows()
            .filter(owner__isnull=False, closed_at__isnull=True)
            .select_related("owner__user", "stage", "location")
        )
        leads = [lead for lead in rows.order_by("number") if lead.location_id is not None]
    for number, lead in enumerate(leads):
        at = now + timedelta(minutes=2 * number)
        outcome = OUTCOMES[number % len(OUTCOMES)]
        with travelling(to=at), tenant.scope():
            actor = tenant.actor(lead.owner.user.email.partition("@")[0])
            next_at = NOW + timedelta(minutes=dice.randrange(10, 400))
            log_call(
                actor=actor,
                lead_id=lead.id,
                contact=Contact(
                    ActivityKind.CALL,
                    outcome,
                    at,
                    duration_seconds=90,
                    next_at=next_at,
                    agrees_to_calls=True if outcome is Outcome.CONNECTED and spoken_question(lead, at) else None,
                ),
                now=at,
            )
            if outcome is Outcome.CONNECTED and number % 2 == 0:
                visit = Visit(
                    NOW + timedelta(days=2, hours=number),
                    location_key=lead.location.key,
                    confirmed_by="The person on the phone",
                )
                book_visit(actor=actor, lead_id=lead.id, visit=visit, now=at + timedelta(seconds=30))
            elif outcome is Outcome.CONNECTED and number % 3 == 0:
                close_lead(
                    actor=actor,
                    lead_id=lead.id,
                    reason="booked_elsewhere",
                    note="Has a date with another clinic already.",
                    outcome="contacted",
                    now=at + timedelta(seconds=30),
                )
    tenant.drain(now + timedelta(hours=2))


def _booked(tenant: Tenant) -> str:
    """Return the address of a lead whose visit is booked."""
    with tenant.scope():
        return f"/leads/{Appointment.rows().order_by('id')[0].lead_id}/"


def _invited(tenant: Tenant) -> str:
    """Return the link by which somebody who was talked with chooses the time of a visit."""
    at = NOW - timedelta(minutes=6)
    lead = make_lead(tenant, at=at, consent=[consent("call"), consent("email")], **SKIN)
    said = Contact(ActivityKind.CALL, Outcome.CONNECTED, at, duration_seconds=90, next_at=NOW + timedelta(hours=3))
    with travelling(to=NOW), tenant.scope():
        actor = tenant.actor(lead.owner.user.email.partition("@")[0] if lead.owner else "ewa")
        log_call(actor=actor, lead_id=lead.id, contact=said, now=NOW)
        message = send_scheduling_link(actor=actor, lead_id=lead.id, now=NOW)
        return urlsplit(make_link(message, lead, NOW)).path


def _connected(tenant: Tenant) -> UUID:
    """Return a connection through which a test lead came."""
    name_vendor(tenant, "google-spring", ("connection", "google-spring"))
    with travelling(to=NOW), tenant.scope():
        row = open_connection(
            actor=tenant.system,
            key="google-spring",
            name="Google, spring campaign",
            provider="google-lead-form",
            source=Source.rows().get(key="imaging-spring"),
            consent_version="v4",
            consent_channels=["call", "email"],
        )
        add_secret(actor=tenant.system, row=row, secret="typed-into-the-form", now=NOW)
        try_sample(actor=tenant.system, row=row, now=NOW)
    tenant.drain(NOW)
    return row.id


def _brought(tenant: Tenant) -> UUID:
    """Return a calling list whose rows were checked and that waits for its confirmation."""
    rows = [f"Nora,Quinn{n},(773) 555-{n:04d},60614,{'yes' if n % 9 else ''}" for n in range(40)]
    raw = "\n".join(["First name,Last name,Phone,ZIP,Consent", *rows, rows[1]]).encode()
    with travelling(to=NOW), tenant.scope():
        source, actor = Source.rows().get(key="imaging-spring"), tenant.actor("cleo")
        run = open_run(
            actor=actor, kind=ImportKind.CALLING_LIST, file_name="spring-cards.csv", raw=raw, source=source, now=NOW
        )
        guess = plan_of(run)
        plan = replace(guess, channels=["call"], text_version="v4", evidence="Signed cards, box 3")
        set_plan(actor=actor, run_id=run.id, plan=plan)
    tenant.drain(NOW)
    return run.id


def _shown(tenant: Tenant) -> Lead:
    """Return the lead of the pictures: an hour old, tried once, with a note and a colleague's request."""
    at = NOW - timedelta(minutes=26)
    receipt = send_in(tenant, inquiry(**SHOWN, insurance={"payer": "Blue Prairie"}), at=at)
    tenant.drain(at)
    with tenant.scope():
        lead = Lead.rows().select_related("owner__user").get(id=Submission.rows().get(id=receipt.submission_id).lead_id)
    assert lead.owner is not None
    name = lead.owner.user.email.partition("@")[0]
    later = at + timedelta(minutes=3)
    with travelling(to=later), tenant.scope():
        contact = Contact(ActivityKind.CALL, Outcome.VOICEMAIL, later, next_at=NOW + timedelta(minutes=7))
        log_call(actor=tenant.actor(name), lead_id=lead.id, contact=contact, now=later)
        add_note(actor=tenant.actor(name), lead_id=lead.id, text="Prefers mornings before ten.", now=later)
    with travelling(to=later), tenant.scope():
        ask_to_change(
            actor=tenant.actor("ewa"),
            lead_id=lead.id,
            field="stage",
            proposed="Qualified",
            reason="She called us and has her doctor's order.",
            now=later + timedelta(minutes=4),
        )
    tenant.drain(NOW)
    return lead


def _of_oak_park(tenant: Tenant) -> Lead:
    """Return a lead of the other office, that came a minute ago."""
    return make_lead(
        tenant,
        at=NOW - timedelta(minutes=1),
        person__first_name="Noah",
        person__last_name="Featherstonehaugh-Cholmondeleyworthington",
        request__location="oak-park",
        request__service="dermatology",
        source="web-derm",
    )


def _odd(tenant: Tenant) -> None:
    """Let three come that may be one, a word that nobody knows, and three that look like a machine's."""
    at = NOW - timedelta(minutes=40)
    for first_name in ("Juana", "J.", "Juanita"):
        make_lead(tenant, at=at, person__first_name=first_name, person__last_name="Reyes")
    make_lead(tenant, at=at, request__service="orthapedics")
    make_lead(tenant, at=at, person__city="Oak Park", person__postal_code="60201", request__location="")
    for number in range(3):
        body = inquiry(source="web-imaging", request__message=f"Cheap links at http://a.example/{'x' * 150}")
        receipt = send_in(tenant, body, at=at + timedelta(seconds=number))
        signs = [{"sign": "proof_missing", "points": 20}, {"sign": "links", "points": 60}]
        with tenant.scope():
            rows = Submission.rows().filter(id=receipt.submission_id)
            rows.update(state="quarantined", screening={"score": 80, "signs": signs})
            Wakeup.objects.filter(row_id=receipt.submission_id).delete()


def _family(tenant: Tenant, last_name: str, minutes: int, **more: str) -> list[Lead]:
    """Let a mother ask, be called, and her son ask from the same phone; return the lead or leads of it."""
    at, phone = NOW - timedelta(minutes=minutes), f"+1312555{8000 + minutes}"
    told = {"person__last_name": last_name, "person__phone": phone, "person__postal_code": "60614"}
    first = make_lead(tenant, at=at, person__first_name="Rosa", **told, consent=[consent("call")])
    return [
        first,
        make_lead(tenant, at=at + timedelta(minutes=5), **told, **more, consent=[consent("call"), consent("text")]),
    ]


def _wrongly_joined(tenant: Tenant) -> tuple[str, str]:
    """Return where a son's inquiry is split off his mother's lead, and a pair that was kept apart by it."""
    lead, _same = _family(tenant, "Medina", 70, person__first_name="R.", person__email="r.medina@example.com")
    done, _also = _family(tenant, "Ibarra", 75, person__first_name="R.", person__email="r.ibarra@example.com")
    soon = NOW - timedelta(minutes=50)
    with travelling(to=soon), tenant.scope():
        owner = tenant.actor(reload(tenant, lead.id).owner.user.email.partition("@")[0])
        contact = Contact(ActivityKind.CALL, Outcome.VOICEMAIL, soon, next_at=NOW + timedelta(minutes=40))
        log_call(actor=owner, lead_id=lead.id, contact=contact, now=soon)
        add_note(actor=owner, lead_id=lead.id, text="A man answered for his own knee.", now=soon)
        touches = [Touch.rows().filter(lead=each, verdict="duplicate").get() for each in (lead, done)]
        split_off(
            actor=tenant.actor("ewa"),
            lead_id=done.id,
            touch_id=touches[1].id,
            kind=SplitKind.PERSON,
            reason="Her son asked for himself.",
            told=[],
            now=soon,
        )
        pair = DuplicatePair.rows().filter(state="separate").get()
    return f"/leads/{lead.id}/touches/{touches[0].id}/split/?kind=person", f"/duplicates/{pair.id}/"


def _wrongly_merged(tenant: Tenant) -> str:
    """Return where a merge is taken back after which somebody asked again."""
    one, other = _family(tenant, "Duarte", 80, person__first_name="Luis", request__service="dermatology")
    with travelling(to=NOW - timedelta(minutes=60)), tenant.scope():
        row = merge_people(
            actor=tenant.actor("ewa"),
            survivor_id=one.person_id,
            absorbed_id=other.person_id,
            picked=["first_name"],
            reason="Same voice on the phone.",
            now=NOW - timedelta(minutes=60),
        )
        told = {"person__last_name": "Duarte", "person__first_name": "Rosa", "person__phone": "+13125558080"}
    make_lead(tenant, at=NOW - timedelta(minutes=30), **told, request__service="bariatrics")
    return f"/people/{one.person_id}/merges/{row.id}/"


def _open_pair(tenant: Tenant) -> str:
    """Return where two of the three that may be one stand side by side."""
    with tenant.scope():
        row = DuplicatePair.rows().filter(state="open", first__last_name="Reyes").first()
    assert row is not None
    return f"/duplicates/{row.id}/"


def _drafted(tenant: Tenant) -> tuple[RuleSetVersion, RuleSetVersion]:
    """Return the routing version that rules, and Cleo's draft beside it."""
    with travelling(to=NOW), tenant.scope():
        live = version_in_force("routing", NOW)
        assert live is not None
        rule = rules_of(live.document, "location")[1]
        changed = {**rule, "then": {**rule["then"], "queue": "nurse-line", "priority": "P1"}}
        document = put_rule(live.document, "location", 1, changed)
        draft = save_draft(
            actor=tenant.actor("cleo"), kind="routing", document=document, reason="Nurses call first.", now=NOW
        )
        run_tests(actor=tenant.actor("cleo"), version_id=draft.id, now=NOW)
    return live, draft


def _tried(tenant: Tenant) -> None:
    """Let a shorter text of a form be tried on half of its visitors since yesterday."""
    at = NOW - timedelta(hours=20)
    with travelling(to=at), tenant.scope():
        ada, slug = tenant.actor("ada"), f"{tenant.slug}-imaging"
        form = save_form(actor=ada, slug=slug, values={"intro": "A minute, four questions."}).row
        proposal = Proposal(
            title="Fewer questions",
            hypothesis="Who sees fewer questions sends the form more often, and is reached as well.",
            plan="Lena looks at the spam every Monday; above ten percent we go back.",
            kind="form",
            subject_id=form.pk,
            goal="sent",
            percent=50,
            wanted_points=2,
            ends_at=at + timedelta(days=14),
        )
        row = propose(actor=ada, proposal=proposal, now=at)
        approve(actor=tenant.actor("dev"), experiment_id=row.pk, now=at)
        for arm, shown, sent in (("A", 131, 10), ("B", 127, 14)):
            ids = [None] * shown + [new_id() for _ in range(sent)]
            FormVisit.objects.bulk_create(FormVisit(experiment=row, arm=arm, at=at, submission_id=each) for each in ids)
        note_issue(actor=ada, experiment_id=row.pk, sentence="Two callers asked where to write their ZIP.", now=at)
