"""Who may change a relationship or an opportunity. One rule for every door; each record has an owner of its own."""

from apps.accounts.terms import Permission
from apps.ownership.decisions import spoken
from apps.ownership.terms import ActorFacts, ChangeCode, ChangeVerdict
from apps.relationships.terms import RecordFacts


def may_change(*, what: str, actor: ActorFacts, record: RecordFacts, zone: str) -> ChangeVerdict:
    """Say whether this actor may change this of a record; if not, whose it is, since when, why, and how to ask.

    Only the owning team does (rows TA-06, OW-17): who owns the relationship changes nothing of an opportunity by it.
    """
    if actor.is_system:
        return ChangeVerdict(True, ChangeCode.OK, "A step of the product itself.")
    if record.team_key not in actor.team_keys:
        who = f"{record.team_name} ({record.owner_name})" if record.owner_name else record.team_name
        sentence = (
            f"{what} of “{record.name}”: {who} own it since {spoken(record.since, zone)}, because {record.because}."
        )
        return ChangeVerdict(False, ChangeCode.LOCKED_BY_OWNER, f"{sentence} Use “Ask to change”.")
    if Permission.LEAD_EDIT not in actor.permissions:
        sentence = "Your role may look at relationships, not change them. Ask an administrator for the right to edit."
        return ChangeVerdict(False, ChangeCode.NO_PERMISSION, sentence)
    return ChangeVerdict(True, ChangeCode.OK, "The owning team changes it.")
