"""How views describe themselves for the OpenAPI document."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.contrib.pydantic import PydanticExtension
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from pydantic import BaseModel

from apps.workspace.api.answers import ProblemDocument

View = TypeVar("View", bound=Callable[..., Any])

_MEANINGS = {
    200: "Done",
    201: "Made",
    202: "Stored; the outcome follows",
    400: "The body cannot be read",
    401: "No usable key",
    403: "Known, but not allowed: `detail` says whose it is and how to ask",
    404: "Absent, or not yours: the two look alike",
    409: "Somebody was faster, or the state forbids it",
    413: "The body is too long",
    415: "Not JSON in UTF-8",
    422: "The input does not fit; `errors` names each place",
    429: "Over the allowance; wait for Retry-After",
}
_ALWAYS = (401, 403, 429)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER, description="1 to 255 printable characters."
)
PREFER = OpenApiParameter(
    "Prefer",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="`wait=N` (RFC 7240, N at most 10): wait for the outcome.",
)
AT = OpenApiParameter("at", OpenApiTypes.DATETIME, description="An instant that is not ahead; now without it.")
IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The lead's `version` that you read."
)
PAGE = (
    OpenApiParameter("cursor", OpenApiTypes.STR, description="`next_cursor` of the page before."),
    OpenApiParameter("page_size", OpenApiTypes.INT, description="1 to 200; 50 without it."),
)

CAMPAIGN = OpenApiParameter("campaign", OpenApiTypes.STR, description="Key of the only campaign to list.")


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Says that the API is entered with a bearer key."""

    target_class = "leadcrm.http.authentication.ActorAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer"}


class BodyShape(PydanticExtension):  # type: ignore[no-untyped-call]
    """Describes what is sent as it is checked: a field with a default may be left out."""

    priority = 1

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        """Return the JSON Schema of a body or an answer; its parts become components."""
        is_body = direction == "request"
        shape: dict[str, Any] = self.target.model_json_schema(
            ref_template="#/components/schemas/{model}", mode="validation" if is_body else "serialization"
        )
        for name, part in shape.pop("$defs", {}).items():
            kind = ResolvedComponent.SCHEMA
            auto_schema.registry.register_on_missing(
                ResolvedComponent(name, kind, part, name)  # type: ignore[no-untyped-call]
            )
        return shape


def describe(
    summary: str,
    description: str = "",
    *,
    answers: dict[int, Any],
    body: type[BaseModel] | None = None,
    errors: tuple[int, ...] = (404,),
    headers: tuple[OpenApiParameter, ...] = (),
    scope: str = "",
    name: str = "",
) -> Callable[[View], View]:
    """Describe one method of a view: its body, its answers, the errors it can give, the right it needs."""
    responses: dict[Any, Any] = {status: OpenApiResponse(shape, _MEANINGS[status]) for status, shape in answers.items()}
    wrong = {*errors, *_ALWAYS, *((400, 413, 415, 422) if body else ())}
    for status in sorted(wrong):
        responses[(status, "application/problem+json")] = OpenApiResponse(ProblemDocument, _MEANINGS[status])
    described: Callable[[View], View] = extend_schema(
        operation_id=name or None,
        summary=summary,
        description=description,
        request=body,
        responses=responses,
        parameters=list(headers),
        extensions={"x-permission": scope} if scope else None,
    )
    return described
