"""A change of the set-up as a sentence: who did what to which thing, from the words that the ledger keeps."""

from collections.abc import Mapping, Sequence
from enum import StrEnum


class Area(StrEnum):
    """What a change is about, as the log is asked for it."""

    RULES = "rules"
    FIELDS = "fields"
    SOURCES = "sources"
    SERVICES = "services"
    QUEUES = "queues"
    PEOPLE = "people"
    STAGES = "stages"
    TEXTS = "texts"


AREA_WORDS: Mapping[Area, str] = {
    Area.RULES: "Rules",
    Area.FIELDS: "Fields and picklists",
    Area.SOURCES: "Sources, campaigns and connections",
    Area.SERVICES: "Services and offices",
    Area.QUEUES: "Queues and hours",
    Area.PEOPLE: "People, teams and rights",
    Area.STAGES: "Stages",
    Area.TEXTS: "Forms and texts",
}

#: Each thing of the ledger: what it is about, the table that names it, and what people call it.
THINGS: Mapping[str, tuple[Area, str, str]] = {
    "rule_version": (Area.RULES, "policies.RuleSetVersion", ""),
    "customfield": (Area.FIELDS, "catalog.CustomField", "field"),
    "source": (Area.SOURCES, "catalog.Source", "source"),
    "channel": (Area.SOURCES, "catalog.Channel", "channel"),
    "campaign": (Area.SOURCES, "catalog.Campaign", "campaign"),
    "trackingnumber": (Area.SOURCES, "catalog.TrackingNumber", "call number"),
    "connection": (Area.SOURCES, "connectors.Connection", "connection"),
    "service": (Area.SERVICES, "catalog.Service", "service"),
    "schedulingworkflow": (Area.SERVICES, "catalog.SchedulingWorkflow", "scheduling workflow"),
    "location": (Area.SERVICES, "catalog.Location", "office"),
    "queue": (Area.QUEUES, "catalog.Queue", "queue"),
    "calendar": (Area.QUEUES, "catalog.Calendar", "hours"),
    "team": (Area.PEOPLE, "accounts.Team", "team"),
    "role": (Area.PEOPLE, "accounts.Role", "role"),
    "party": (Area.PEOPLE, "accounts.Party", "partner"),
    "pipeline": (Area.STAGES, "leads.Pipeline", "pipeline"),
    "stage": (Area.STAGES, "leads.Stage", "stage"),
    "form": (Area.TEXTS, "capture.Form", "form"),
    "asset": (Area.TEXTS, "capture.Asset", "download"),
    "template": (Area.TEXTS, "outreach.Template", "template"),
    "consentwording": (Area.TEXTS, "consent.ConsentWording", "consent wording"),
}

_RULE_VERBS: Mapping[str, str] = {
    "draft": "drafted {what}",
    "approve": "approved {what}",
    "suspend": "suspended {what}",
    "install": "installed {what} from the tenant file",
    "roll_back": "rolled back to v{of}: {what} rules",
}
_VERBS: Mapping[str, str] = {
    "create": "added the {what}",
    "update": "changed {fields} of the {what}",
    "change": "changed {fields} of the {what}",
    "deactivate": "switched off the {what}",
    "retire": "switched off the {what}",
    "publish": "published the {what}",
    "unpublish": "took the {what} off the net",
    "coverage": "changed what the {what} looks after",
    "add_secret": "added a secret to the {what}",
    "draft": "wrote new words for the {what}",
    "submit": "submitted the {what}",
    "send_back": "sent the {what} back",
    "approve": "approved the {what}",
    "install": "installed the {what} from the tenant file",
    "retire_secret": "retired a secret of the {what}",
}
#: What the ledger notes of settings that changes nothing about them.
NO_CHANGES = frozenset({"read", "test", "try", "save", "view", "rehearse", "post"})
MOST_FIELDS = 4


def change_sentence(action: str, kind: str, name: str, fields: Sequence[str], detail: Mapping[str, object]) -> str:
    """Return what was done, without who: "added the field “Payer tier”"; "" for what changed nothing.

    `kind` is the thing's word in the ledger, `name` what people call this one.
    """
    verb = action.rpartition(".")[2]
    if kind not in THINGS or ":" in action or verb in NO_CHANGES:
        return ""
    if kind == "rule_version":
        pattern = _RULE_VERBS.get(verb, "changed {what}")
        return pattern.format(what=name, of=detail.get("of", "?"))
    word = THINGS[kind][2]
    what = f"{word} “{name}”" if name else word
    shown = [field.replace("_", " ") for field in fields[:MOST_FIELDS]]
    more = len(fields) - len(shown)
    said = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
    return _VERBS.get(verb, "changed {fields} of the {what}").format(what=what, fields=said or "something")
