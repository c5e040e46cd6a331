"""How the leads of a period ended: those disqualified by the fixed list, and those without an outcome on record."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import CharField, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from apps.appointments.models import Appointment
from apps.flows.meetings import MEETING_WORDS, MEETINGS, MeetingOutcome, of_contact, of_visit
from apps.flows.proofs import endings_in
from apps.leads.models import Closure, Pipeline
from apps.leads.terms import PATIENT, Disqualification, StageKey
from apps.outreach.models import Activity
from apps.reporting.queries import Wanted, counted_leads
from apps.tenancy.actor import Actor

#: Ended before closures were kept, or by a reason that stands for nothing on the list.
UNNAMED = ""


@dataclass(frozen=True, slots=True)
class Endings:
    """Counts of how leads ended. The counts of `disqualified` by reason sum to `total`, which is counted apart."""

    ended: int
    total: int
    disqualified: tuple[tuple[str, str, int], ...]
    missing: tuple[tuple[str, int], ...]
    meetings: tuple[tuple[str, int, int], ...]


def endings_tally(actor: Actor, wanted: Wanted) -> Endings:
    """Return how the leads of the period ended, each by its last closure."""
    last = Closure.rows().filter(lead_id=OuterRef("id")).order_by("-closed_at", "-id")
    closed = counted_leads(actor, wanted).filter(closed_at__isnull=False).order_by()
    named = closed.annotate(
        stands_for=Coalesce(Subquery(last.values("disqualification")[:1]), Value(UNNAMED), output_field=CharField()),
        lacks=Coalesce(Subquery(last.values("missing_data")[:1]), Value(""), output_field=CharField()),
        stage_key=F("stage__key"),
    )
    is_out = Q(stage_key=StageKey.NOT_QUALIFIED) | ~Q(stands_for=UNNAMED)
    reasons, missing = Counter[str](), Counter[tuple[str, str]]()
    for stands_for, lacks, stage, pipeline in named.values_list("stands_for", "lacks", "stage_key", "pipeline__key"):
        if stands_for or stage == StageKey.NOT_QUALIFIED:
            reasons[stands_for] += 1
        if lacks:
            missing[pipeline, lacks] += 1
    labels = _labels()
    listed = [(each.value, labels.get(each.value, _words(each.value))) for each in Disqualification]
    rows = [(key, label, reasons[key]) for key, label in listed]
    if reasons[UNNAMED]:
        rows.append((UNNAMED, "", reasons[UNNAMED]))
    met = _meetings(actor, wanted)
    return Endings(closed.count(), named.filter(is_out).count(), tuple(rows), _missing(missing), met)


def _meetings(actor: Actor, wanted: Wanted) -> tuple[tuple[str, int, int], ...]:
    """Return how the meetings of the period's leads ended, in the one vocabulary: of patients, and of all others."""
    leads = counted_leads(actor, wanted).order_by().values("id")
    booked = Appointment.rows().filter(lead_id__in=leads).values_list("lead__pipeline__key", "state")
    logged = Activity.rows().filter(lead_id__in=leads, kind__in=[str(each) for each in MEETINGS])
    found = Counter((pipeline == PATIENT, of_visit(state)) for pipeline, state in booked)
    rows = logged.values_list("lead__pipeline__key", "kind", "outcome")
    found += Counter((pipeline == PATIENT, of_contact(kind, outcome)) for pipeline, kind, outcome in rows)
    return tuple((MEETING_WORDS[each], found[True, each], found[False, each]) for each in MeetingOutcome)


def _labels() -> dict[str, str]:
    """Return what the tenant calls each entry of the fixed list: by the patient pipeline first."""
    found: dict[str, str] = {}
    for pipeline in sorted(Pipeline.rows(), key=lambda row: (row.key != "patient", row.key)):
        for reason in endings_in(pipeline).reasons:
            if reason.disqualification:
                found.setdefault(reason.disqualification, reason.label)
    return found


def _missing(counted: Counter[tuple[str, str]]) -> tuple[tuple[str, int], ...]:
    pipelines = {row.key: row for row in Pipeline.rows()}
    found = Counter[str]()
    for (pipeline, key), count in counted.items():
        known = endings_in(pipelines[pipeline]).missing
        found[next((each.label for each in known if each.key == key), _words(key))] += count
    return tuple(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def _words(key: str) -> str:
    return key.replace("_", " ").capitalize()
