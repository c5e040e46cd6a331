"""How API answers are written: compact UTF-8 JSON, NaN refused."""

from rest_framework.renderers import JSONRenderer as FrameworkJSONRenderer


class JSONRenderer(FrameworkJSONRenderer):
    """JSON only: no browsable pages, no other format by suffix or header."""

    media_type = "application/json"
    format = "json"
    charset = None
    ensure_ascii = False
    compact = True
    strict = True
