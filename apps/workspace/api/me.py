"""What a person says of themselves by API: whether new leads may come to them. A telephone system keeps it for them."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.actions import set_availability
from apps.accounts.queries import availability_of
from apps.accounts.terms import TAKES_LEADS, Availability
from apps.workspace.api import answers, bodies, showing
from apps.workspace.api.describing import describe
from apps.workspace.api.reading import actor_of, body_of


class AvailabilityView(APIView):
    """`/me/availability`: the switch of the top bar."""

    @describe(
        "Read your availability",
        "`takes_leads` says whether the queues give you new leads now.",
        answers={200: answers.AvailabilityState},
        errors=(),
        name="read_availability",
    )
    def get(self, request: Request) -> Response:
        """Return the switch of the person whose key or session asks."""
        return Response(_shown(availability_of(actor_of(request))))

    @describe(
        "Set your availability",
        "Queues pass over whoever is on a break or away; on the phone and in wrap-up new leads still come."
        " A key needs `lead:claim`.",
        body=bodies.AvailabilityBody,
        answers={200: answers.AvailabilityState},
        errors=(),
        name="set_availability",
    )
    def put(self, request: Request) -> Response:
        """Turn the person's own switch; turning it to where it stands changes nothing."""
        body = body_of(request, bodies.AvailabilityBody)
        return Response(_shown(set_availability(actor=actor_of(request), availability=body.availability)))


def _shown(chosen: Availability) -> dict[str, object]:
    return showing.dump(answers.AvailabilityState(availability=chosen, takes_leads=chosen in TAKES_LEADS))
