"""Where providers send their messages: `/hooks/<source>/<endpoint>/`."""

import uuid
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tformance.sync.intake import Outcome, receive

MOST_BYTES: Final = 5 * 1024 * 1024

_STATUS: Final = {
    Outcome.STORED: 202,
    Outcome.REPEATED: 200,
    Outcome.REFUSED: 401,
    Outcome.INCOMPLETE: 400,
    Outcome.NOWHERE: 404,
}


@csrf_exempt
@require_POST
def message(request: HttpRequest, source: str, endpoint: uuid.UUID) -> HttpResponse:
    """Take a message in. One that says it is too large is refused before it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal():
        return HttpResponse(status=400)
    if int(length) > MOST_BYTES:
        return HttpResponse(status=413)
    outcome = receive(source, endpoint, request.headers, request.read(MOST_BYTES))
    return HttpResponse(outcome.value, status=_STATUS[outcome], content_type="text/plain")
