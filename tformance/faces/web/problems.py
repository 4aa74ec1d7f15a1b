"""Pages for what went wrong: what happened, what still holds, and the next step."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tformance.accounts.models import Team

TRY_AGAIN_SECONDS = 300

log = logging.getLogger(__name__)


def bad_address(request: HttpRequest, reason: str) -> HttpResponse:
    return render(request, "web/problem_address.html", {"reason": reason}, status=400)


def no_permission(request: HttpRequest, team: Team) -> HttpResponse:
    return render(request, "web/problem_permission.html", {"team": team}, status=403)


def being_deleted(request: HttpRequest, team: Team) -> HttpResponse:
    return render(request, "web/problem_being_deleted.html", {"team": team}, status=409)


def not_yours(request: HttpRequest, team: Team, reason: str) -> HttpResponse:
    """As what was asked for: a part of a page, a file, or a page."""
    context = {"team": team, "reason": reason, "is_part": bool(request.headers.get("HX-Request"))}
    if request.path.endswith((".csv", ".json")):
        return render(request, "web/problem_not_yours.txt", context, "text/plain; charset=utf-8", 403)
    template = "problem_not_yours_part" if context["is_part"] else "problem_not_yours"
    return render(request, f"web/{template}.html", context, status=403)


def bad_token(reason: str) -> HttpResponse:
    """For programs."""
    answer = HttpResponse(f"{reason}\n", status=401, content_type="text/plain; charset=utf-8")
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def too_many_tries(request: HttpRequest) -> HttpResponse:
    """Nothing about whether the last try would have been right."""
    answer = render(request, "429.html", status=429)
    answer["Retry-After"] = str(TRY_AGAIN_SECONDS)
    return answer


def failed(request: HttpRequest) -> HttpResponse:
    """Nothing here may need the database; the reference is what to look for in the log."""
    reference = secrets.token_hex(4)
    log.error("answered 500, reference %s, path %s", reference, request.path)
    return render(request, "500.html", {"reference": reference}, status=500)
