"""What was done in the team, newest first, for its admins: a page at a time by place, and as a file."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse

from tformance.accounts.audit import WORDS
from tformance.accounts.models import AuditEntry
from tformance.faces.kit.address import BadAddress
from tformance.faces.web.door import Place, admin_page
from tformance.faces.web.exports import as_table
from tformance.faces.web.settings_frame import settings_html

PAGE = 50
MOST = 100_000
HEADER = ("at", "who", "what", "about", "subject")


@dataclass(frozen=True)
class Line:
    at: datetime
    who: str
    words: str
    about: str


@admin_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    kind, before = _kind(request), _before(request)
    found = _entries(kind)
    if before is not None:
        found = found.filter(pk__lt=before)
    entries = list(found[: PAGE + 1])
    base = reverse("audit", args=[place.team.slug])
    context = {
        "lines": [Line(each.at, each.who, WORDS.get(each.what, each.what), each.about) for each in entries[:PAGE]],
        "kinds": sorted(WORDS.items(), key=lambda item: item[1]),
        "kind": kind,
        "zone": place.zone,
        "older": base + _query(kind, before=entries[PAGE - 1].pk) if len(entries) > PAGE else "",
        "newest": base + _query(kind) if before is not None else "",
        "csv": reverse("audit_csv", args=[place.team.slug]) + _query(kind),
    }
    return settings_html(request, place, "web/settings_audit.html", context, here="audit")


@admin_page
def file(request: HttpRequest, place: Place) -> StreamingHttpResponse:
    """The newest hundred thousand."""
    entries = islice(_entries(_kind(request)).iterator(), MOST)
    return as_table("csv", "audit", HEADER, list(map(attrgetter(*HEADER), entries)), place)


def _entries(kind: str) -> QuerySet[AuditEntry]:
    found: QuerySet[AuditEntry] = AuditEntry.objects.order_by("-pk")
    return found.filter(what=kind) if kind else found


def _kind(request: HttpRequest) -> str:
    kind = request.GET.get("kind", "")
    if kind and kind not in WORDS:
        raise BadAddress(f"There is no kind of entry called {kind[:40]}.")
    return kind


def _before(request: HttpRequest) -> int | None:
    given = request.GET.get("before", "")
    if not given:
        return None
    if not given.isascii() or not given.isdecimal() or len(given) > 18:
        raise BadAddress("The place to go on from is a number.")
    return int(given)


def _query(kind: str, **more: Any) -> str:
    given = {**({"kind": kind} if kind else {}), **more}
    return f"?{urlencode(given)}" if given else ""
