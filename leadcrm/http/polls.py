"""Pages that ask again by themselves: an answer that would look the same is 304, and shows nobody anything new.

What differs in every answer and is not seen (tokens, keys of forms, the server's time, the turning of a ring) does
not count. The tag stands for this person's page: it is made of the very text, and the page keeps it in memory.
"""

import hashlib
import re

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from apps.audit import ledger
from leadcrm.http.sessions import POLL_HEADER

_UNSEEN = re.compile(
    rb'name="(?:csrfmiddlewaretoken|idempotency_key)" value="[^"]*"'
    rb'|data-server-now="[^"]*"|data-made="[^"]*"|stroke-dasharray="[^"]*"|(?:\?|&amp;)(?:from|seen)=[^"&]*'
    rb'|<span class="live__word">[^<]*</span>'
)


def answer_to_poll(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Tag a page that a poll asked for; 304 when the asker has it already, and then no read is noted."""
    if request.method != "GET" or POLL_HEADER not in request.headers or answer.status_code != 200:
        return answer
    tag = f'"{hashlib.blake2b(_UNSEEN.sub(b"", answer.content), digest_size=12).hexdigest()}"'
    if request.headers.get("If-None-Match") == tag:
        ledger.forget_reads()
        answer = HttpResponseNotModified()
    answer["ETag"] = tag
    return answer
