"""To the sign-in page of another site: by a page of our own, because our content policy lets no form lead away."""

from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.providers.github.views import oauth2_login
from allauth.socialaccount.providers.openid_connect.views import login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods


@require_http_methods(["GET", "HEAD", "POST"])
def github(request: HttpRequest) -> HttpResponseBase:
    return _by_a_page(request, oauth2_login(request))


@require_http_methods(["GET", "HEAD", "POST"])
def oidc(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    return _by_a_page(request, login(request, provider_id))


def _by_a_page(request: HttpRequest, answer: Any) -> HttpResponseBase:
    going = answer.get("Location", "")
    if answer.status_code != 302 or not urlsplit(going).netloc:
        return answer  # type: ignore[no-any-return]
    return render(request, "socialaccount/leave.html", {"going": going, "site": urlsplit(going).netloc})
