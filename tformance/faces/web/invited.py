"""Coming into a team by an invitation: what its link shows, and what this browser remembers of it while signing up."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tformance.accounts import invitations
from tformance.accounts.invitations import Gone, NotYours
from tformance.accounts.models import Invitation
from tformance.faces.web.visitor import visitor

KEY = "invitation"
WAYS = {"sign_up": "account_signup", "sign_in": "account_login"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Reading shows what it is about; going on remembers the invitation, whose link is for one person only."""
    invitation = invitations.by_token(token)
    if invitation is None:
        return _gone(request)
    if request.method != "POST":
        return _shown(request, invitation)
    request.session[KEY] = str(invitation.pk)
    if request.user.is_authenticated:
        return _accepted(request, invitation)
    return redirect(WAYS.get(request.POST.get("way", ""), "account_login"))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remembered(request: HttpRequest) -> HttpResponse:
    """The same page once the visitor has signed in."""
    invitation = invitation_of(request)
    if invitation is None:
        return _gone(request)
    return _accepted(request, invitation) if request.method == "POST" else _shown(request, invitation)


def invitation_of(request: HttpRequest) -> Invitation | None:
    """What this browser came with, as long as it is open."""
    kept = request.session.get(KEY)
    return invitations.by_id(kept) if kept else None


def way_back(request: HttpRequest) -> str | None:
    return reverse("invited") if invitation_of(request) else None


def _accepted(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    try:
        invitations.accept(visitor(request), invitation)
    except NotYours:
        return _shown(request, invitation, status=403)
    except Gone:
        return _gone(request)
    request.session.pop(KEY, None)
    messages.success(request, f"Welcome to {invitation.team.name}.")
    return redirect("overview", invitation.team.slug)


def _shown(request: HttpRequest, invitation: Invitation, status: int = 200) -> HttpResponse:
    is_for = not request.user.is_authenticated or invitations.is_for(visitor(request), invitation)
    context = {"invitation": invitation, "is_for": is_for, "is_mailed": bool(settings.EMAIL_HOST)}
    return render(request, "web/invitation.html", context, status=status)


def _gone(request: HttpRequest) -> HttpResponse:
    request.session.pop(KEY, None)
    return render(request, "web/invitation_gone.html", status=410)
