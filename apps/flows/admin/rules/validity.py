"""Forms of the definition of a valid lead: one check, and how test traffic is told."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.capture.mapping import PICKLISTS
from apps.capture.terms import CheckName, CheckResult
from apps.catalog.queries import custom_fields
from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.inputs import Choice, Choices, Input, Text, Texts
from apps.policies.decisions.documents import as_text, as_texts
from apps.policies.decisions.sentences import listed
from apps.policies.terms import FieldSpec, Labels

CHECKS = {
    CheckName.BLANK: "nobody is named and nothing is asked for",
    CheckName.NO_CONTACT_POINT: "there is no phone or e-mail that could work",
    CheckName.CONSENT_MISSING: "no permission is on record",
    CheckName.PHONE_INVALID: "the phone number cannot work",
    CheckName.EMAIL_INVALID: "the e-mail address cannot work",
    CheckName.REQUIRED_FIELD_MISSING: "a field that the source requires is missing",
    CheckName.PLACE_UNCLEAR: "the place is not clear",
    CheckName.CHANNEL_UNREACHABLE: "the chosen way of contact reaches nobody",
    CheckName.OUT_OF_AREA: "they live in a region that is not served",
    CheckName.UNMAPPED_VALUE: "a value means nothing that we know",
}
RESULTS = {
    CheckResult.EXCLUDED: "shut out",
    CheckResult.HELD: "held until it is mended",
    CheckResult.EXCEPTION: "looked at as an exception",
    CheckResult.NOTE: "marked with a note",
}


def _check() -> Sequence[Input]:
    own = [(key, row.label) for key, row in custom_fields().items() if row.picklist]
    return (
        Text(name="id", label="Id", longest=40, is_required=True),
        Choice(name="check", label="When", options=[(str(key), word) for key, word in CHECKS.items()]),
        Choice(name="result", label="The lead is", options=[(str(key), word) for key, word in RESULTS.items()]),
        Text(name="meaning", label="What it means for the business", longest=500, is_required=True, is_wide=True),
        Choices(
            name="sources", label="Only at these sources (none: at every one)", options=picks.sources(), is_wide=True
        ),
        Texts(name="regions", label="Regions served", help="For “out of area” only, such as: IL, IN, WI."),
        Choices(
            name="fields",
            label="Values of these fields",
            options=[*picks.worded(PICKLISTS), *own],
            help="For unknown values only; none: of every field.",
            is_wide=True,
        ),
    )


def _traffic() -> Sequence[Input]:
    return (
        Texts(name="email_tags", label="Tags of e-mail addresses", help="“test” takes ana+test@example.com."),
        Texts(name="email_domains", label="Domains of e-mail addresses", help="Such as: test.example."),
    )


def _reads_check(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    checks, results = ({str(key): word for key, word in words.items()} for words in (CHECKS, RESULTS))
    what = checks.get(as_text(row.get("check")), "something that is not said yet")
    names = dict(picks.sources())
    where = listed([names.get(each, each) for each in as_texts(row.get("sources"))])
    only = f" at {where}" if where else ""
    regions = listed(as_texts(row.get("regions")), "and")
    served = f" (served are {regions})" if regions else ""
    of = listed([each.replace("_", " ") for each in as_texts(row.get("fields"))])
    about = f", for {of}" if of else ""
    result = results.get(as_text(row.get("result")), "treated in a way that is not said yet")
    return [f"When {what}{about}{served}{only}, the lead is {result}."]


def _reads_traffic(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    tags, domains = as_texts(row.get("email_tags")), as_texts(row.get("email_domains"))
    told = [*(f"name+{each}@…" for each in tags), *(f"…@{each}" for each in domains)]
    return [f"A lead counts as a test when its e-mail address is {listed(told)}." if told else "No address is a test."]


offer(
    Form(
        "validity",
        ("checks", "#"),
        "check",
        (Section("", 2, _check),),
        reads=_reads_check,
        start="V-",
        name_of=lambda row: f"{as_text(row.get('id'))} {as_text(row.get('check')).replace('_', ' ')}".strip(),
    ),
    Form("validity", ("test_traffic",), "test traffic", (Section("", 1, _traffic),), reads=_reads_traffic),
)
