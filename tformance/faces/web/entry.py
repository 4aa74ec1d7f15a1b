"""Before a team is entered: the first page, the one-time key, the theme."""

import hashlib

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tformance.accounts.first_team import ensure_first_team, own_teams
from tformance.accounts.models import Membership, OneTimeKey, Role, User
from tformance.accounts.tenancy import tenant
from tformance.core import clock
from tformance.curation import sample
from tformance.faces.web import door
from tformance.faces.web.door import Place
from tformance.faces.web.overview import overview_page
from tformance.faces.web.set_up_steps import is_calling
from tformance.faces.web.shell import THEMES
from tformance.faces.web.viewer import viewer_of
from tformance.faces.web.visitor import visitor
from tformance.measures.guard import looking

OPERATOR = "operator@localhost"
YEAR_SECONDS = 31_536_000


@require_GET
def home(request: HttpRequest) -> HttpResponseBase:
    """The demo for a stranger on the same machine, one's own team for whoever signed in, or its set-up."""
    teams = door.teams_of(request)
    if request.user.is_authenticated and teams:
        return redirect(_first_page(door.place_of(teams[0], teams)), teams[0].slug)
    if request.user.is_authenticated:
        return render(request, "web/no_team.html", {"may_make_teams": settings.SIGN_UP == "open"})
    if not teams:
        return redirect("account_login")
    place = door.place_of(teams[0], teams)
    with tenant(place.team.pk), looking(viewer_of(request, place.team, place.role)):
        return overview_page(request, place)


@never_cache
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """Signs the operator in with the key that `./run` printed; its page posts what stands behind the #."""
    if request.method == "GET":
        return render(request, "web/welcome.html")
    user = _user_for(request.POST.get("key", ""))
    if user is None:
        return render(request, "web/welcome.html", {"is_refused": True}, status=403)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    UserSession.objects.create_from_request(request)
    return redirect("home")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Switches light and dark for browsers without scripts."""
    back = request.headers.get("Referer", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    current = request.COOKIES.get("theme")
    chosen = THEMES[0] if current == THEMES[1] else THEMES[1]
    response.set_cookie("theme", chosen, max_age=YEAR_SECONDS, samesite="Lax")
    return response


@require_POST
@login_required
def remove_demo(request: HttpRequest) -> HttpResponse:
    """By an admin of any team here; it is gone at once for everybody, its rows follow in the background."""
    if not sample.may_remove(visitor(request)):
        raise PermissionDenied
    if sample.remove():
        messages.success(request, "The sample organisation is removed. ./run demo --again brings it back.")
    return redirect("home")


def _first_page(place: Place) -> str:
    """The overview, or what leads to one: admins are asked what is still to be answered before there is a chart."""
    if not place.may_change:
        return "overview"
    with tenant(place.team.pk):
        return "set_up" if is_calling(place) else "overview"


@transaction.atomic
def _user_for(key: str) -> User | None:
    """The operator, an admin of a team of their own; None when the key is unknown, used or too old."""
    now = clock.now()
    digest = hashlib.sha256(key.encode()).hexdigest()
    used = OneTimeKey.objects.filter(digest=digest, used_at=None, expires_at__gt=now).update(used_at=now)
    if not used:
        return None
    user = User.objects.filter(email=OPERATOR).first() or User.objects.create_user(OPERATOR, name="Operator")
    ensure_first_team()
    for team in own_teams():
        Membership.objects.get_or_create(team=team, user=user, defaults={"role": Role.ADMIN})
    return user
