"""Pings of lead exchanges: would we take a lead of this service and place? Nothing of the question is kept."""

from apps.capture.normalise import normalise
from apps.capture.text import fold
from apps.catalog.queries import words
from apps.connectors.decisions.mapping import body_of
from apps.connectors.decisions.synonyms import mapping_for
from apps.connectors.models import Connection
from apps.connectors.terms import Event, Provider, Taken
from apps.tenancy.organizations import current_organization

NOT_OFFERED, NO_SUCH_PLACE = "service_not_offered", "postal_code_unknown"


def answer_ping(row: Connection, provider: Provider, event: Event) -> Taken:
    """Say yes unless the ping names a service that is not offered, or a postal code that does not exist."""
    mapping = mapping_for(event, {**provider.mapping, **row.mapping}, guesses=provider.guesses)
    body = body_of(event, mapping, source=row.source.key, capture_method=provider.capture_method)
    names = words()
    draft = normalise(
        body,
        region=current_organization().region,
        services={fold(word): key for word, key in names.services.items()},
        locations={fold(word): key for word, key in names.locations.items()},
        towns=(),
    )
    if body.get("request", {}).get("service") and not draft.service_key:
        return Taken(event, verdict="rejected", reason=NOT_OFFERED)
    if body.get("person", {}).get("postal_code") and draft.place.latitude is None:
        return Taken(event, verdict="rejected", reason=NO_SUCH_PLACE)
    return Taken(event, verdict="new")
