"""Forms of the duplicate rules: one rule of arrivals, and the weights of weak evidence."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.groups import Group
from apps.flows.admin.rules.inputs import HOURS, Choice, Choices, Input, Number, Span, Text
from apps.identity.decisions.documents import LONGEST_REOPENING
from apps.identity.decisions.evidence import DEFAULT_REVIEW, DEFAULT_STRONG, DEFAULT_WEIGHTS
from apps.identity.terms import Agreement, MatchKey, Scope
from apps.leads.process import span
from apps.policies.decisions.documents import as_document, as_number, as_text, as_texts, as_whole
from apps.policies.decisions.sentences import listed
from apps.policies.terms import FieldSpec, Labels

KEYS = {
    MatchKey.EXTERNAL_ID: "sender's own id",
    MatchKey.PHONE: "phone",
    MatchKey.EMAIL: "e-mail",
    Agreement.NAME: "name",
    Agreement.POSTAL_CODE: "ZIP",
    Agreement.DATE_OF_BIRTH: "date of birth",
}
SCOPES = {Scope.SERVICE: "the same service", Scope.CAMPAIGN: "the same campaign", Scope.TENANT: "anything at all"}
INSIDE = {
    "merge": "joins the open lead",
    "update": "corrects the open lead",
    "link": "becomes a lead of its own, linked",
}


def _rule() -> Sequence[Input]:
    return (
        Text(name="id", label="Id", longest=40, is_required=True),
        Text(name="name", label="Name", is_required=True),
        Text(name="meaning", label="What it means for the business", longest=500, is_required=True, is_wide=True),
        Choices(
            name="keys",
            label="The same person when these are the same",
            options=[(str(key), word) for key, word in KEYS.items()],
            help="A name, ZIP or date of birth only adds to phone, e-mail or the sender's id: then all must agree.",
            is_wide=True,
        ),
        Choice(name="match", label="Of these", options=[("any", "any one"), ("all", "all")], none="any one"),
        Span(name="window_hours", label="Within", units=HOURS),
        Choice(name="scope", label="Asking for", options=[(str(key), word) for key, word in SCOPES.items()]),
        Choice(name="inside", label="Then the arrival", options=list(INSIDE.items())),
        Choice(name="outside", label="Later the arrival", options=[("link", INSIDE["link"])]),
        Number(name="priority", label="Asked in which order", help="1 to 999, the lowest first."),
        Number(
            name="reopen_days",
            label="A closed inquiry is taken up again within so many days",
            help=f"0 (never) to {LONGEST_REOPENING}.",
        ),
    )


def _evidence() -> Sequence[Input]:
    weights = [
        Number(name=str(each), label=str(each).replace("_", " ").capitalize(), help=f"Empty: {usual}.")
        for each, usual in DEFAULT_WEIGHTS.items()
    ]
    return (
        Number(name="review", label="People look from this score on", help=f"1 to 100; empty: {DEFAULT_REVIEW}."),
        Number(name="strong", label="Shown as strong from", help=f"1 to 100; empty: {DEFAULT_STRONG}."),
        Group(name="weights", label="What each thing in common weighs", inputs=weights),
    )


def _reads_rule(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    words = {str(key): word for key, word in KEYS.items()}
    joint = "and" if row.get("match") == "all" else "or"
    keys = listed([words.get(each, each) for each in as_texts(row.get("keys"))], joint) or "nothing yet"
    hours, inside = as_number(row.get("window_hours")), as_text(row.get("inside"))
    scope = {str(key): word for key, word in SCOPES.items()}.get(as_text(row.get("scope")), "what is not said yet")
    window = span(int(hours * 3600)) if hours else "a time that is not said yet"
    found = [
        f"Who arrives with the same {keys} within {window}, asking for {scope}: {INSIDE.get(inside, 'not said yet')}. "
        f"Later: {INSIDE['link']}."
    ]
    days = as_whole(row.get("reopen_days"))
    return [*found, f"A closed inquiry is taken up again within {days} days."] if days else found


def _reads_evidence(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    said = as_document(row.get("weights"))
    weights = [f"{str(each).replace('_', ' ')} {said.get(each, usual)}" for each, usual in DEFAULT_WEIGHTS.items()]
    review, strong = row.get("review", DEFAULT_REVIEW), row.get("strong", DEFAULT_STRONG)
    return [
        f"Weak evidence adds up: {', '.join(weights)}. People look at pairs from {review} on; from {strong} they are "
        "strong. No score joins anybody by itself."
    ]


offer(
    Form("duplicates", ("rules", "#"), "rule", (Section("", 2, _rule),), reads=_reads_rule, start="D-"),
    Form("duplicates", ("evidence",), "weak evidence", (Section("", 1, _evidence),), reads=_reads_evidence),
)
