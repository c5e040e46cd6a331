"""Forms of intake work: who counsels about paying (AP-11), one status of a review (AP-07), words of danger (TN-16)."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.inputs import Choice, Flag, Input, Span, Text, Texts
from apps.leads.process import span
from apps.policies.decisions.documents import as_text
from apps.policies.terms import FieldSpec, Labels
from apps.qualification.alarm_words import USUAL_SECONDS
from apps.qualification.intake_document import INTAKE, USUAL_COUNSELLING_SECONDS, sentences
from apps.qualification.review_status import LONGEST_KEY, LONGEST_NAME, TRACK_WORDS, Track


def _counselling() -> Sequence[Input]:
    return (
        Choice(name="team", label="The team that counsels", options=picks.teams()),
        Span(name="within_seconds", label=f"Within (empty: {span(USUAL_COUNSELLING_SECONDS)})"),
    )


def _alarms() -> Sequence[Input]:
    return (
        Texts(name="words", label="More words that may tell of danger", help="Separated by commas.", is_wide=True),
        Texts(name="without", label="Usual words to leave out", help="Separated by commas.", is_wide=True),
        Choice(name="team", label="Who is on call", options=picks.teams(), none="the team that owns the lead"),
        Span(name="within_seconds", label=f"Reads within (empty: {span(USUAL_SECONDS)})"),
        Choice(name="escalates_to", label="Else it goes to", options=picks.teams(), none="the team that owns the lead"),
    )


def _reads_alarms(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return sentences({"alarms": row}, fields, labels) or ["The usual words; the team that owns the lead reads."]


def _status() -> Sequence[Input]:
    tracks = [(str(each), TRACK_WORDS[each]) for each in Track]
    return (
        Choice(name="track", label="Of the", options=tracks),
        Text(name="key", label="Key", longest=LONGEST_KEY, is_required=True),
        Text(name="name", label="What people read", longest=LONGEST_NAME),
        Choice(name="updates", label="Set by the team", options=picks.teams(), none="that owns the lead"),
        Span(name="late_after_seconds", label="Late after (empty: never)"),
        Choice(name="escalates_to", label="Then it goes to", options=picks.teams(), none="the team that owns the lead"),
        Flag(name="is_end", label="Ends the review"),
        Flag(name="is_active", label="Active", usual=True),
    )


def _reads_status(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return sentences({"statuses": [row]}, fields, labels)


def _reads_counselling(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return sentences({"counselling": row}, fields, labels) or ["The lead's owner counsels."]


offer(
    Form(
        INTAKE,
        ("counselling",),
        "counselling about paying",
        (Section("", 1, _counselling),),
        reads=_reads_counselling,
    ),
    Form(
        INTAKE,
        ("statuses", "#"),
        "review status",
        (Section("", 2, _status),),
        reads=_reads_status,
        name_of=lambda row: (
            f"{as_text(row.get('track'))} {as_text(row.get('name')) or as_text(row.get('key'))}".strip()
        ),
    ),
    Form(INTAKE, ("alarms",), "words of danger", (Section("", 1, _alarms),), reads=_reads_alarms),
)
