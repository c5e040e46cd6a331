"""The wall clock of a page: the request's one instant, in the organization's zone."""

from apps.workspace.queries import zone_of
from apps.workspace.words import Wall
from leadcrm.http.scoping import ActorRequest


def wall_of(request: ActorRequest) -> Wall:
    """Return the clock by which the page tells its times."""
    return Wall(request.now, zone_of(request.organization_id))
