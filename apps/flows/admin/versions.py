"""The version that an address of the admin names, for the pages that draw one kind of rules."""

from uuid import UUID

from apps.policies.models import RuleSetVersion
from apps.tenancy.errors import NotFound


def version_of(object_id: str, *, kind: str) -> RuleSetVersion:
    """Return a version of a rule set of this kind. Raises NotFound for any other address."""
    try:
        wanted = UUID(object_id)
    except ValueError as error:
        raise NotFound from error
    version = RuleSetVersion.rows().select_related("rule_set").filter(id=wanted, rule_set__kind=kind).first()
    if version is None:
        raise NotFound
    return version
