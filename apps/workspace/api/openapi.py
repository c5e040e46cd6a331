"""The API's own description: the OpenAPI document and the page made from it."""

import json
import re
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from leadcrm.http.scoping import public

METHODS = ("get", "post", "patch", "put", "delete")


@public
def schema(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI 3.1 document."""
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})


@public
def docs(request: HttpRequest) -> HttpResponse:
    """Show the OpenAPI document to people; no script, no third party."""
    found = document()
    info = found["info"]
    api = {
        "title": info["title"],
        "version": info["version"],
        "description": info.get("description", ""),
        "base_url": f"{settings.LEADCRM_BASE_URL}/api/v1",
        "schema_url": reverse("api:schema"),
    }
    return render(request, "docs/api.html", {"api": api, "operations": _operations(found)})


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """Return the document; made once, because it depends on the code only."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


def _operations(found: dict[str, Any]) -> list[dict[str, Any]]:
    shapes = found.get("components", {}).get("schemas", {})
    return [
        _operation(path, method, item[method], shapes)
        for path, item in sorted(found["paths"].items())
        for method in METHODS
        if method in item
    ]


def _operation(path: str, method: str, what: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    body = what.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return {
        "id": re.sub(r"[^a-z0-9]+", "-", f"{method}-{path}".lower()).strip("-"),
        "method": method.upper(),
        "path": path,
        "summary": what.get("summary", ""),
        "description": what.get("description", ""),
        "permission": what.get("x-permission", ""),
        "request_example": _written(body, shapes) if body else "",
        "responses": [
            {
                "status": status,
                "description": each.get("description", ""),
                "example": _answer(status, each, shapes),
            }
            for status, each in sorted(what.get("responses", {}).items())
        ],
    }


def _answer(status: str, response: dict[str, Any], shapes: dict[str, Any]) -> str:
    if status >= "400":
        return ""
    for content in response.get("content", {}).values():
        if content.get("schema"):
            return _written(content["schema"], shapes)
    return ""


def _written(shape: dict[str, Any], shapes: dict[str, Any]) -> str:
    return json.dumps(_example(shape, shapes, 0), indent=2, ensure_ascii=False)


def _example(shape: dict[str, Any], shapes: dict[str, Any], depth: int) -> Any:
    """Return a value of a shape: the names in their places, with a word for what goes there."""
    if "$ref" in shape:
        return _example(shapes.get(shape["$ref"].rpartition("/")[2], {}), shapes, depth + 1)
    for choice in shape.get("anyOf", ()):
        if choice.get("type") != "null":
            return _example(choice, shapes, depth)
    if "enum" in shape or "const" in shape:
        return shape.get("const", shape.get("enum", [""])[0])
    kind = shape.get("type")
    if kind == "object" and depth < 8:
        return {name: _example(each, shapes, depth + 1) for name, each in shape.get("properties", {}).items()}
    if kind == "array":
        return [_example(shape.get("items", {}), shapes, depth + 1)]
    return {"integer": 1, "boolean": False, "number": 1.5}.get(str(kind), _word(shape))


def _word(shape: dict[str, Any]) -> str:
    words = {"date-time": "2026-11-20T15:00:00Z", "uuid": "01939d4e-7b1c-7c3a-9f00-3d1f0c5a2b11"}
    return words.get(str(shape.get("format", "")), "…")
